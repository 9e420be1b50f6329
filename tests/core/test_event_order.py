"""No subscriber misses an event, and none sees those of one object in another order, however transactions commit."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.core.events import subscribers
from apps.core.events.log import Happened, record
from apps.core.events.sequencer import head, stamp
from apps.core.events.subscribers import catch_up, lag, replay_parked, subscriber
from apps.core.models import Event, ParkedEvent, Subscription

pytestmark = pytest.mark.django_db(transaction=True)


def happened(key: str, n: int = 0, *, origin: str = "live", topic: str = "test.happened") -> Happened:
    return Happened(topic, "thing", key, timezone.now(), {"n": n}, origin)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """What the only subscriber of the test has been handed: (object key, n)."""
    monkeypatch.setattr(subscribers, "_registry", {})
    handed: list[tuple[str, int]] = []

    @subscriber("test.reader", topics={"test.happened"})
    def read(events: Sequence[Event]) -> None:
        handed.extend((e.object_key, e.payload["n"]) for e in events)

    return handed


def test_a_row_that_commits_late_is_not_missed(seen):
    """The event with the lower id commits after the one with the higher id was read."""
    # given: a transaction that has drawn its id and has not committed yet
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                record(happened("slow"))
                written.set()
                may_commit.wait(timeout=20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(timeout=20)
    with transaction.atomic():
        record(happened("fast"))
    # when
    catch_up()
    # then: the fast one is read, although an event with a lower id is still to come
    assert seen == [("fast", 0)]
    may_commit.set()
    thread.join()
    catch_up()
    assert seen == [("fast", 0), ("slow", 0)]
    by_id = list(Event.objects.order_by("id").values_list("object_key", flat=True))
    assert by_id == ["slow", "fast"]


def test_events_of_one_object_keep_their_order_under_load(seen):
    """Eight threads change four objects, each under its row lock; every object's events arrive in order, none twice."""
    names = [f"o{i}" for i in range(4)]
    Subscription.objects.bulk_create([Subscription(name=f"lock-{n}") for n in names])
    counters = dict.fromkeys(names, 0)
    stop = threading.Event()

    def change(worker: int) -> None:
        try:
            for i in range(25):
                name = names[(worker + i) % 4]
                with transaction.atomic():
                    Subscription.objects.select_for_update().get(name=f"lock-{name}")
                    counters[name] += 1
                    record(happened(name, counters[name]))
        finally:
            connection.close()

    def keep_stamping() -> None:
        try:
            while not stop.is_set():
                stamp(limit=7)
        finally:
            connection.close()

    stamper = threading.Thread(target=keep_stamping)
    workers = [threading.Thread(target=change, args=(n,)) for n in range(8)]
    for thread in [stamper, *workers]:
        thread.start()
    for thread in workers:
        thread.join()
    stop.set()
    stamper.join()
    # when
    catch_up()
    # then
    assert len(seen) == 200
    for name in names:
        assert [n for key, n in seen if key == name] == list(range(1, 51))
    assert head() == 200
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 201))


def test_an_effect_that_fails_is_neither_lost_nor_doubled(monkeypatch):
    # given: a reader that fails on one object until it is mended
    monkeypatch.setattr(subscribers, "_registry", {})
    done: list[tuple[str, int]] = []
    broken = {"bad"}

    @subscriber("test.reader", topics={"test.happened"})
    def read(events: Sequence[Event]) -> None:
        for event in events:
            if event.object_key in broken:
                raise ValueError("cannot take this")
        done.extend((e.object_key, e.payload["n"]) for e in events)

    with transaction.atomic():
        record(happened("good", 1), happened("bad", 1), happened("good", 2), happened("bad", 2))
    # when
    for _ in range(subscribers.MAX_ATTEMPTS):
        catch_up()
        Subscription.objects.update(retry_at=None)
    catch_up()
    # then: others went on, the failing object waits, in order
    assert done == [("good", 1), ("good", 2)]
    assert list(ParkedEvent.objects.order_by("position").values_list("object_key", flat=True)) == ["bad", "bad"]
    assert lag() == {"test.reader": 0}
    # when
    broken.clear()
    assert replay_parked(name="test.reader") == 2
    # then
    assert done[2:] == [("bad", 1), ("bad", 2)]
    assert not ParkedEvent.objects.exists()


def test_history_is_only_for_those_who_ask(monkeypatch):
    monkeypatch.setattr(subscribers, "_registry", {})
    live: list[str] = []
    everything: list[str] = []

    @subscriber("test.live", topics={"test.happened"})
    def read_live(events: Sequence[Event]) -> None:
        live.extend(e.object_key for e in events)

    @subscriber("test.everything", topics={"test.happened"}, history=True)
    def read_everything(events: Sequence[Event]) -> None:
        everything.extend(e.object_key for e in events)

    with transaction.atomic():
        record(happened("now"), happened("then", origin="history"), happened("x", topic="test.other"))
    catch_up()
    assert live == ["now"]
    assert everything == ["now", "then"]


def test_an_event_exists_only_when_its_change_does(seen):
    class Undone(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            record(happened("never"))
            raise Undone

    with pytest.raises(Undone):
        change()
    with pytest.raises(RuntimeError):
        record(happened("outside"))
    catch_up()
    assert seen == []
