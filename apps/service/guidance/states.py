"""What holds of a customer, by which guidance is chosen. This is the one place where that is decided.

*Standing*, one of: nobody known (nobody said who they are), new (bought nothing yet, or first bought no longer ago than the
policy's `new_days`), lapsed (last bought longer ago than `lapsed_days`), existing (anybody else).

*Matters*, any number, that somebody would expect the other side to know: that they restricted the use of their data, that they
asked to be erased, an open complaint, and what apps above register (a return that waits, an order on its way). A complaint is
open when the customer told of it within the last `complaint_days` and nobody got in touch with them since, or when a question
to a store or the desk out of it waits for its answer.

States come in order of urgency: matters first, the standing last. Whoever restricted the use of their data has no standing: what
they bought is kept, and not used to guide anybody.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import CharField, Max, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models import PrivacyRequest, Protection
from apps.portal.discretion import Tag, TagOf
from apps.service.models import ContactMoment, Question
from apps.service.tree import TopicTree

RESTRICTED, ERASURE_ASKED, COMPLAINT = "restricted", "erasure_asked", "complaint"
NOBODY, NEW, EXISTING, LAPSED = "nobody", "new", "existing", "lapsed"

P = TypeVar("P")
People = Mapping[P, Sequence[int]]
"""Persons by any key, each with the ids of their source records."""


@dataclass(frozen=True, kw_only=True)
class State:
    """Something that may hold of a customer. It tells of the `datum`: where that is hidden, so is the state."""

    name: str
    label: Any
    order: int
    datum: str = ""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a version of the policy means by new, lapsed and an open complaint, in days; `now` is when that is asked."""

    new_days: int = 30
    lapsed_days: int = 365
    complaint_days: int = 60
    now: dt.datetime


Holds = Callable[[Collection[int]], set[int]]
Bought = Callable[[Collection[int]], Mapping[int, tuple[dt.date, dt.date]]]

_STANDINGS = {
    state.name: state
    for state in (
        State(name=NEW, label=_("New customer"), order=100),
        State(name=EXISTING, label=_("Existing customer"), order=101),
        State(name=LAPSED, label=_("Bought nothing for long"), order=102),
        State(name=NOBODY, label=_("Not known who it is"), order=103),
    )
}
_matters: dict[str, State] = {
    state.name: state
    for state in (
        # It has no datum, for it is hidden from nobody: whoever does not know it uses what must not be used.
        State(name=RESTRICTED, label=_("Use of their data is restricted"), order=5),
        State(name=ERASURE_ASKED, label=_("Asked to be erased"), order=10, datum="customers.open_work"),
        State(name=COMPLAINT, label=_("Open complaint"), order=20, datum="service.contacts"),
    )
}
_readers: dict[str, Holds] = {}
_purchases: list[tuple[Bought, str]] = []


def matter(state: State, reader: Holds) -> None:
    """Let an app say that a matter of its own holds: `reader(source_record_ids)` gives those of the records it holds for."""
    if _readers.setdefault(state.name, reader) is not reader:
        raise ValueError(f"two readers for {state.name}")
    _matters[state.name] = state


def purchases_from(reader: Bought, *, datum: str) -> None:
    """Let the app of orders say when the records first and last bought: {record: (first day, last day)}."""
    if _purchases and _purchases[0][0] is not reader:
        raise ValueError("purchases are told from two places")
    _purchases[:] = [(reader, datum)]


def known_states() -> list[State]:
    """Every state there is, the most urgent first."""
    return sorted([*_matters.values(), *_STANDINGS.values()], key=lambda state: state.order)


def label_of(name: str) -> Any:
    """A state in words; one that no app tells of any more goes by its name."""
    state = _matters.get(name) or _STANDINGS.get(name)
    return state.label if state else name


def states_of(people: People[P], *, terms: Terms) -> dict[P, tuple[str, ...]]:
    """What holds of each of some people, the most urgent first. As many questions for a thousand as for one."""
    records = [record for own in people.values() for record in own]
    holding = {name: reader(records) for name, reader in _readers.items()}
    holding |= _asked_of_us(records)
    complaining = _complaining(people, terms)
    restricted = {person for person, own in people.items() if not holding[RESTRICTED].isdisjoint(own)}
    used = [record for person, own in people.items() if person not in restricted for record in own]
    bought = _purchases[0][0](used) if _purchases and used else {}
    found: dict[P, tuple[str, ...]] = {}
    for person, own in people.items():
        mine = [name for name, held in holding.items() if not held.isdisjoint(own)]
        mine += [COMPLAINT] if person in complaining else []
        urgent = sorted(mine, key=lambda name: _matters[name].order)
        if person not in restricted:
            urgent.append(_standing([bought[record] for record in own if record in bought], terms))
        found[person] = tuple(urgent)
    return found


def told_to(states: Iterable[str], tags: TagOf) -> tuple[str, ...]:
    """Those of somebody's states that whoever looks may know of."""
    of_standing = _purchases[0][1] if _purchases else ""
    data = {name: state.datum for name, state in _matters.items()} | dict.fromkeys((NEW, EXISTING, LAPSED), of_standing)
    return tuple(name for name in states if not data.get(name) or tags(data[name]) != Tag.HIDDEN)


def _asked_of_us(records: Collection[int]) -> dict[str, set[int]]:
    """The records under which the use is restricted, and those under which somebody asked to be erased, in one statement."""

    def said(state: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        of_them = rows.filter(source_record__in=records).order_by()
        return of_them.values_list(Value(state, output_field=CharField()), "source_record")

    restricted = Protection.objects.in_force().filter(kind=Protection.Kind.RESTRICTED)
    asked = PrivacyRequest.objects.filter(status=PrivacyRequest.Status.OPEN, kind=PrivacyRequest.Kind.ERASURE)
    found: dict[str, set[int]] = {RESTRICTED: set(), ERASURE_ASKED: set()}
    for state, record in said(RESTRICTED, restricted).union(said(ERASURE_ASKED, asked)):
        found[state].add(record)
    return found


def _standing(bought: Sequence[tuple[dt.date, dt.date]], terms: Terms) -> str:
    if not bought:
        return NEW
    today = timezone.localdate(terms.now)
    if min(first for first, _last in bought) >= today - dt.timedelta(days=terms.new_days):
        return NEW
    lapsed = max(last for _first, last in bought) < today - dt.timedelta(days=terms.lapsed_days)
    return LAPSED if lapsed else EXISTING


def _complaining(people: People[P], terms: Terms) -> set[P]:
    records = [record for own in people.values() for record in own]
    about = TopicTree.read().codes_under(COMPLAINT)
    since = terms.now - dt.timedelta(days=terms.complaint_days)
    moments = ContactMoment.objects.filter(source_record__in=records, occurred_at__gte=since).order_by()
    inbound, outbound = ContactMoment.Direction.INBOUND, ContactMoment.Direction.OUTBOUND
    told = (
        moments.filter(topic__code__in=about, direction=inbound)
        .values_list("source_record")
        .annotate(at=Max("occurred_at"))
    )
    last_told = dict(told)
    if not last_told:
        return set()
    reached = dict(moments.filter(direction=outbound).values_list("source_record").annotate(at=Max("occurred_at")))
    asked = Question.objects.open().filter(source_record__in=list(last_told), contact__topic__code__in=about)
    waiting = set(asked.order_by().values_list("source_record", flat=True))
    open_for = set()
    for person, own in people.items():
        at = max((last_told[record] for record in own if record in last_told), default=None)
        answered = max((reached[record] for record in own if record in reached), default=None)
        if at is not None and (answered is None or answered < at or not waiting.isdisjoint(own)):
            open_for.add(person)
    return open_for
