"""Conversations as they go: somebody picks up, puts on hold, hangs up, and writes down.

What these leave behind are events; how long a conversation took is worked out from them.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.ids import new_id
from apps.core.statements import KeptQuery
from apps.service.models import ContactEvent

Kind = ContactEvent.Kind

_STATE = {Kind.START: "talk", Kind.RESUME: "talk", Kind.HOLD: "hold", Kind.AFTER_WORK: "after_work"}


class OnTheLine(Conflict):
    """Somebody is in a conversation already, or in none."""

    code = "on_the_line"


@dataclass(frozen=True)
class Handled:
    """How long a conversation took: talking, with the customer on hold, and finishing it afterwards. Whole seconds."""

    talk: int = 0
    hold: int = 0
    after_work: int = 0

    @property
    def seconds(self) -> int:
        return self.talk + self.hold + self.after_work


@dataclass(frozen=True)
class Conversation:
    """A conversation that is going on. `state` is talk, hold or after_work, since `since`."""

    key: uuid.UUID
    channel: str
    state: str
    since: dt.datetime
    began: dt.datetime
    source_record_id: int | None
    events: tuple[ContactEvent, ...]

    def handled(self, at: dt.datetime | None = None) -> Handled:
        return handled(self.events, until=at or timezone.now())


def handled(events: Iterable[ContactEvent], *, until: dt.datetime | None = None) -> Handled:
    """What the steps of one conversation come to. One without an end counts until `until`."""
    spent = {"talk": dt.timedelta(0), "hold": dt.timedelta(0), "after_work": dt.timedelta(0)}
    state, since = "", None
    for event in events:
        if event.kind == Kind.KNOWN:
            continue
        if state and since is not None:
            spent[state] += max(event.at - since, dt.timedelta(0))
        state, since = _STATE.get(Kind(event.kind), ""), event.at
    if state and since is not None and until is not None:
        spent[state] += max(until - since, dt.timedelta(0))
    return Handled(**{name: round(length.total_seconds()) for name, length in spent.items()})


def current(actor: str) -> Conversation | None:
    """The conversation that somebody is in now."""
    events = tuple(_last_conversation.read(actor=actor))
    if not events or events[-1].kind in ContactEvent.CLOSING:
        return None
    steps = [event for event in events if event.kind in _STATE]
    known = [event.source_record_id for event in events if event.source_record_id is not None]
    return Conversation(
        key=events[0].conversation,
        channel=events[0].channel,
        state=_STATE[Kind(steps[-1].kind)],
        since=steps[-1].at,
        began=events[0].at,
        source_record_id=known[-1] if known else None,
        events=events,
    )


def _events_of_the_last(asked: Mapping[str, Any]) -> QuerySet[ContactEvent]:
    last = ContactEvent.objects.filter(actor=asked["actor"]).order_by("-id").values("conversation")[:1]
    return ContactEvent.objects.filter(conversation=Subquery(last)).order_by("id")


_last_conversation = KeptQuery(_events_of_the_last)


@transaction.atomic
def pick_up(*, actor: str, channel: str, source_record_id: int | None = None) -> uuid.UUID:
    """Begin a conversation; from now on its time runs. Raises OnTheLine when this person is in one."""
    _one_at_a_time(actor)
    if current(actor) is not None:
        raise OnTheLine(_("You are in a conversation already. Finish that one first."))
    conversation = new_id()
    _write(conversation, Kind.START, actor, channel=channel, source_record_id=source_record_id)
    return conversation


@transaction.atomic
def know_caller(*, actor: str, source_record_id: int) -> None:
    """Say who it is with. Raises OnTheLine when there is no conversation."""
    going = _going(actor)
    if going.source_record_id != source_record_id:
        _write(going.key, Kind.KNOWN, actor, source_record_id=source_record_id)


@transaction.atomic
def step(*, actor: str, kind: str) -> None:
    """Put on hold, go on, or hang up. A step to where it is already changes nothing. Raises OnTheLine without a conversation."""
    going = _going(actor)
    if _STATE[Kind(kind)] != going.state:
        _write(going.key, Kind(kind), actor)


@transaction.atomic
def drop(*, actor: str) -> None:
    """End a conversation of which nothing is written down: a wrong number. Raises OnTheLine when there is none."""
    _write(_going(actor).key, Kind.DROPPED, actor)


def end(*, actor: str, conversation: uuid.UUID) -> Handled | None:
    """Close a conversation in the transaction that writes it down; how long it took. None when it is not this person's
    conversation of now, so that no time is known of it."""
    _one_at_a_time(actor)
    going = current(actor)
    if going is None or going.key != conversation:
        return None
    now = timezone.now()
    _write(conversation, Kind.END, actor, at=now)
    return going.handled(now)


def _going(actor: str) -> Conversation:
    _one_at_a_time(actor)
    going = current(actor)
    if going is None:
        raise OnTheLine(_("You are in no conversation. It may have been finished in another window."))
    return going


def _one_at_a_time(actor: str) -> None:
    """Two windows of one person take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.conversation'), hashtext(%s))", [actor])


def _write(
    conversation: uuid.UUID,
    kind: ContactEvent.Kind,
    actor: str,
    *,
    channel: str = "",
    source_record_id: int | None = None,
    at: dt.datetime | None = None,
) -> None:
    ContactEvent.objects.create(
        conversation=conversation,
        kind=kind,
        actor=actor,
        channel=channel,
        source_record_id=source_record_id,
        at=at or timezone.now(),
    )
