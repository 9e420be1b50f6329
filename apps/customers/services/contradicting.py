"""What speaks against two customers being one person, as far as a rule may say so. Families share much; these they do not."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz.distance import JaroWinkler

from apps.customers.models import Identifier, PersonDetails
from apps.customers.services import barring
from apps.customers.services.people import Details

_ALIKE = 0.8
_INITIAL = 2  # letters: shorter is an initial

BIRTH, GIVEN, SURNAME, ACCOUNT, TOO_MANY = "birth_date", "given_name", "surname", "account", "too_many"


def contradictions(left: Iterable[int], right: Iterable[int], *, weighed: bool = False) -> list[str]:
    """The codes of what speaks against the records of one side and those of another being one person.

    Where names and dates of birth were `weighed` against all else, as matching does, a digit mistyped is no contradiction: only
    what no likeness makes up for counts.
    """
    here, there = set(left), set(right)
    proofs = _proofs_of(here | there)
    found = [
        *([] if weighed else _of_people(*_known(here, there))),
        *_of_accounts(proofs, here),
        *_of_numbers(proofs),
    ]
    return list(dict.fromkeys(found))


def _known(here: set[int], there: set[int]) -> tuple[list[Details], list[Details]]:
    newest = PersonDetails.objects.filter(source_record__in=here | there).order_by("source_record", "-pk")
    details = {row.source_record_id: Details.of(row) for row in newest.distinct("source_record")}
    mine, theirs = ([details[pk] for pk in records if pk in details] for records in (here, there))
    return mine, theirs


class Proof(NamedTuple):
    """A verified identifier that counts now."""

    record: int
    source: str
    kind: str
    value: str
    since: dt.datetime


def _proofs_of(records: set[int]) -> list[Proof]:
    held = Identifier.objects.filter(source_record__in=records, verified=True, valid_until=None)
    columns = ("source_record", "source_record__source", "kind", "value", "recorded_at")
    return [Proof(*row) for row in held.values_list(*columns)]


def said(code: str) -> str:
    """A contradiction in plain words."""
    return {
        BIRTH: _("The dates of birth differ."),
        GIVEN: _("The first names are not of one person."),
        SURNAME: _("The last names differ."),
        ACCOUNT: _("They have different accounts in the same shop."),
        TOO_MANY: _("One customer would have too many cards, accounts or addresses."),
    }[code]


def _of_people(here: list[Details], there: list[Details]) -> Iterator[str]:
    days, other_days = {one.birth_date for one in here} - {""}, {one.birth_date for one in there} - {""}
    if days and other_days and not days & other_days:
        yield BIRTH
    if _differ(map(_given, here), map(_given, there), _is_other_given):
        yield GIVEN
    if _differ((one.last_name for one in here), (one.last_name for one in there), _is_other_surname):
        yield SURNAME


def _given(one: Details) -> str:
    return one.first_name or one.initials


def _differ(here: Iterable[str], there: Iterable[str], is_other: Callable[[str, str], bool]) -> bool:
    """Whether both sides have names, and none of one is like any of the other."""
    names, others = {name.casefold() for name in here} - {""}, {name.casefold() for name in there} - {""}
    return bool(names and others) and all(is_other(name, other) for name in names for other in others)


def _is_other_given(name: str, other: str) -> bool:
    """Whether two first names are of two people: other initials, or full names that are not alike."""
    if name[0] != other[0]:
        return True
    full, other_full = name.rstrip("."), other.rstrip(".")
    if "." in full or "." in other_full or min(len(full), len(other_full)) < _INITIAL:
        return False
    return JaroWinkler.similarity(full, other_full) < _ALIKE


def _is_other_surname(name: str, other: str) -> bool:
    return JaroWinkler.similarity(_bare(name), _bare(other)) < _ALIKE


def _bare(surname: str) -> str:
    """The name that a Dutch phone book sorts by: "van der Berg" is berg."""
    return surname.rpartition(" ")[2]


def _of_accounts(proofs: Iterable[Proof], here: set[int]) -> Iterator[str]:
    mine: dict[str, set[str]] = {}
    theirs: dict[str, set[str]] = {}
    for proof in proofs:
        if proof.kind == Identifier.Kind.ACCOUNT:
            (mine if proof.record in here else theirs).setdefault(proof.source, set()).add(proof.value)
    if any(mine[source].isdisjoint(theirs[source]) for source in mine.keys() & theirs.keys()):
        yield ACCOUNT


def _of_numbers(proofs: Collection[Proof]) -> Iterator[str]:
    """Whether together they would have more of a kind of identifier than one customer gets."""
    for kind, at_most, days in barring.book().limits:
        since = timezone.now() - dt.timedelta(days=days) if days else None
        own = {proof.value for proof in proofs if proof.kind == kind and (since is None or proof.since > since)}
        if len(own) > at_most:
            yield TOO_MANY
            return
