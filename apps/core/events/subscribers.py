"""Reading the event log: durable cursors, batches, retries, parking.

An app declares what it reacts to in its `subscribers.py`:

    @subscriber("loyalty.points", topics={"order.paid"})
    def book_points(events: Sequence[Event]) -> None: ...

The handler gets a batch in order and must be idempotent: after a crash between its effect and the cursor it sees the batch
again only if the effect was rolled back too, since both are one transaction.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apps.core.events.models import Event, Origin, ParkedEvent, Subscription
from apps.core.events.sequencer import head, stamp

log = logging.getLogger(__name__)

Handler = Callable[[Sequence[Event]], None]
MAX_ATTEMPTS = 5
BATCH = 500


@dataclass(frozen=True)
class Subscriber:
    """A named reader. `history` tells whether it also takes events of imported history."""

    name: str
    topics: frozenset[str]
    handler: Handler
    history: bool = False


_registry: dict[str, Subscriber] = {}


def subscriber(name: str, *, topics: set[str], history: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler under a name that stays the same for ever (its cursor is kept under it)."""

    def register(handler: Handler) -> Handler:
        known = _registry.get(name)
        if known is not None and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"two subscribers are called {name}")
        _registry[name] = Subscriber(name, frozenset(topics), handler, history)
        return handler

    return register


def registered() -> list[Subscriber]:
    return sorted(_registry.values(), key=lambda s: s.name)


def catch_up(*, names: set[str] | None = None) -> int:
    """Stamp what is committed and let every subscriber read to the head; return how many events were handled.

    Safe to run in several processes: a subscriber that another process is running is left to it.
    """
    while stamp():
        pass
    handled = 0
    for reader in registered():
        if names is None or reader.name in names:
            while (count := _read_batch(reader)) is not None:
                handled += count
    return handled


def _read_batch(reader: Subscriber) -> int | None:
    """Handle one batch; None when there is nothing (more) to do for now."""
    Subscription.objects.get_or_create(name=reader.name)
    with transaction.atomic():
        cursor = Subscription.objects.select_for_update(skip_locked=True).filter(name=reader.name).first()
        if cursor is None or (cursor.retry_at is not None and cursor.retry_at > timezone.now()):
            return None
        end = head()
        # The window is by position, not by topic, so that a reader of rare topics moves on at the same pace.
        window_end = min(end, cursor.position + BATCH)
        if window_end == cursor.position:
            return None
        window = Event.objects.filter(
            position__gt=cursor.position, position__lte=window_end, topic__in=reader.topics
        ).order_by("position")
        if not reader.history:
            window = window.filter(origin=Origin.LIVE)
        events = list(window)
        events = _without_parked(reader, events)
        if events:
            done = _handle(reader, cursor, events)
            if done is not None:
                _stumble(reader, cursor, events, done)
                return None
        cursor.position, cursor.failing_event, cursor.attempts, cursor.retry_at = window_end, None, 0, None
        cursor.save()
        return len(events)


def _without_parked(reader: Subscriber, events: list[Event]) -> list[Event]:
    """Leave out (and park) events of objects that already have a parked event, so that their order holds."""
    keys = {(e.object_type, e.object_key) for e in events}
    if not keys or not ParkedEvent.objects.filter(subscriber=reader.name).exists():
        return events
    parked = set(
        ParkedEvent.objects.filter(subscriber=reader.name, object_key__in=[k for _, k in keys]).values_list(
            "object_type", "object_key"
        )
    )
    late = [e for e in events if (e.object_type, e.object_key) in parked]
    _park(reader, late, "an earlier event of this object is parked")
    return [e for e in events if (e.object_type, e.object_key) not in parked]


def _handle(reader: Subscriber, cursor: Subscription, events: list[Event]) -> tuple[int, Exception] | None:
    """Try the batch as a whole, then one by one. None when all went well, else (index, error) of the one that failed."""
    try:
        with transaction.atomic():
            reader.handler(events)
        return None
    except Exception as error:
        log.warning("subscriber %s: batch failed, going one by one", reader.name, exc_info=error)
    for index, event in enumerate(events):
        try:
            with transaction.atomic():
                reader.handler([event])
        except Exception as error:
            log.warning("subscriber %s: event %s failed", reader.name, event.pk, exc_info=error)
            return index, error
    return None


def _stumble(reader: Subscriber, cursor: Subscription, events: list[Event], failed: tuple[int, Exception]) -> None:
    """Keep what went well before the failing event; retry it with a growing pause; park it after enough attempts."""
    index, error = failed
    event = events[index]
    assert event.position is not None
    cursor.attempts = cursor.attempts + 1 if cursor.failing_event == event.pk else 1
    cursor.failing_event = event.pk
    cursor.position = event.position - 1
    cursor.retry_at = timezone.now() + dt.timedelta(seconds=2**cursor.attempts)
    if cursor.attempts >= MAX_ATTEMPTS:
        _park(reader, [event], f"{type(error).__name__}: {error}")
        cursor.position, cursor.failing_event, cursor.attempts, cursor.retry_at = event.position, None, 0, None
    cursor.save()


def _park(reader: Subscriber, events: list[Event], reason: str) -> None:
    ParkedEvent.objects.bulk_create(
        [
            ParkedEvent(
                subscriber=reader.name,
                event=e.pk,
                position=e.position or 0,
                object_type=e.object_type,
                object_key=e.object_key,
                error=reason,
            )
            for e in events
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def replay_parked(*, name: str) -> int:
    """Hand a subscriber its parked events again, in order; what still fails stays parked. Return how many succeeded."""
    reader = _registry[name]
    done = 0
    stuck: set[tuple[str, str]] = set()
    for parked in ParkedEvent.objects.select_for_update().filter(subscriber=name).order_by("position"):
        key = (parked.object_type, parked.object_key)
        if key in stuck:
            continue
        try:
            with transaction.atomic():
                reader.handler([Event.objects.get(pk=parked.event)])
        except Exception as error:
            log.warning("subscriber %s: parked event %s still fails", name, parked.event, exc_info=error)
            stuck.add(key)
            continue
        parked.delete()
        done += 1
    return done


def lag() -> dict[str, int]:
    """How many positions each subscriber is behind the head of the log."""
    end = head()
    at = dict(Subscription.objects.values_list("name", "position"))
    return {reader.name: end - at.get(reader.name, 0) for reader in registered()}
