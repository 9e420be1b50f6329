"""What lies ready and nobody comes for: a reminder, more time, and in the end back on the shelf with the money paid back."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import DomainError, InvalidInput
from apps.core.events.models import Event
from apps.core.events.subscribers import catch_up
from apps.inventory.models import StoreTask
from apps.messages.models import Message
from apps.network import directory
from apps.network.keeping_hours import set_opening_day
from apps.network.models import Location
from apps.network.opening import Hours
from apps.orders.models import Order
from apps.orders.services import keeping
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.keeping import GRACE, keep_until, let_uncollected_expire, remind_of_collecting
from apps.orders.services.rerouting import reroute
from apps.orders.services.types import WrongState
from apps.orders.tasks import follow_up_collecting
from apps.payments.models import PaymentEntry
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser

DAY = dt.timedelta(days=1)


def ready(shop: Shop, *lines: tuple[str, Any], **changes: Any) -> Order:
    order = order_of(shop, *lines, **changes)
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    order.refresh_from_db()
    return order


def after_expiry(order: Order) -> dt.datetime:
    return order.collect_until + GRACE


def told(template: str) -> list[Message]:
    catch_up(names={"orders.tell_ready", "orders.remind", "orders.tell_not_collected"})
    return list(Message.objects.filter(template=template))


def topics(order: Order) -> list[str]:
    return list(Event.objects.filter(object_key=order.number).order_by("pk").values_list("topic", flat=True))


# --- until when --------------------------------------------------------------------------------------------------------


def test_goods_are_kept_for_as_many_days_as_the_channel_says_until_closing_time(shop):
    # given
    shop.web.collect_days = 4
    shop.web.save()
    # when
    order = ready(shop)
    # then
    last_day = timezone.localdate(order.ready_at) + 4 * DAY
    assert timezone.localtime(order.collect_until) == timezone.make_aware(dt.datetime.combine(last_day, dt.time(18)))
    [mail] = told("collect_ready")
    assert f"{last_day.day} " in mail.body.split("tot en met" if "tot en met" in mail.body else "until")[-1]
    answer = shop.get(f"orders/{order.number}/").json()
    assert dt.datetime.fromisoformat(answer["fulfilment"]["collect_until"]) == order.collect_until


def test_an_order_that_comes_another_way_is_no_longer_kept_here(shop):
    order = ready(shop)
    shop.receive(shop.s2, A=1)
    reroute(number=order.number, to=shop.s2, actor="t")
    order.refresh_from_db()
    assert order.collect_until is None
    assert let_uncollected_expire(now=timezone.now() + 100 * DAY) == 0


# --- reminding ---------------------------------------------------------------------------------------------------------


def test_the_customer_is_reminded_once_after_three_days(shop):
    order = ready(shop)
    assert remind_of_collecting(now=order.ready_at + 3 * DAY - dt.timedelta(minutes=1)) == 0
    assert remind_of_collecting(now=order.ready_at + 3 * DAY) == 1
    assert remind_of_collecting(now=order.ready_at + 4 * DAY) == 0
    [mail] = told("collect_reminder")
    assert order.collect_code in mail.body
    assert "1 × Product A" in mail.body
    assert topics(order).count("order.reminded") == 1


def test_nobody_is_reminded_of_what_they_have(shop):
    order = ready(shop)
    hand_over(number=order.number, collect_code=order.collect_code, actor="t")
    assert remind_of_collecting(now=order.ready_at + 5 * DAY) == 0


# --- expiring ----------------------------------------------------------------------------------------------------------


def test_what_nobody_came_for_is_called_off_put_back_and_paid_back(shop):
    # given
    order = ready(shop, ("A", 2), ("B", 1))
    assert shop.stock("A").reserved == 2
    # when
    assert let_uncollected_expire(now=after_expiry(order) - dt.timedelta(minutes=1)) == 0
    assert let_uncollected_expire(now=after_expiry(order)) == 1
    # then
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert (shop.stock("A").reserved, shop.stock("A").on_hand) == (0, 10)
    tasks = StoreTask.objects.filter(kind="put_back").order_by("variant__sku")
    assert list(tasks.values_list("variant__sku", "quantity", "location__code")) == [("A", 2, "S1"), ("B", 1, "S1")]
    assert [e.amount for e in PaymentEntry.objects.filter(kind="refunded")] == [30]
    event = Event.objects.get(topic="order.cancelled")
    assert (event.payload["reason"], event.payload["refunded"]) == ("not_collected", "30.00")
    [mail] = told("not_collected")
    assert "€ 30,00" in mail.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "2 × Product A" in mail.body
    assert nothing_differs()
    # and again is nothing
    assert let_uncollected_expire(now=after_expiry(order)) == 0
    assert len(told("not_collected")) == 1


def test_what_was_never_paid_is_not_paid_back(shop):
    order = ready(shop, payment_terms="on_collection", payments=[])
    assert let_uncollected_expire(now=after_expiry(order)) == 1
    assert not PaymentEntry.objects.filter(kind="refunded").exists()
    [mail] = told("not_collected")
    assert "€" not in mail.body


def test_a_line_that_still_waits_for_stock_waits_on(shop):
    order = order_of(shop, ("A", 1), ("B", 1))
    shop.post(f"orders/{order.number}/short/", {"line": 2})
    pick(number=order.number, actor="t")
    mark_ready(number=order.number, actor="t")
    order.refresh_from_db()
    assert let_uncollected_expire(now=after_expiry(order)) == 1
    assert list(order.lines.order_by("line").values_list("status", flat=True)) == ["cancelled", "open"]
    assert [e.amount for e in PaymentEntry.objects.filter(kind="refunded")] == [10]


def test_one_order_that_fails_keeps_no_other_waiting(shop, monkeypatch):
    # given
    bad, good = ready(shop), ready(shop)
    real = keeping.cancel

    def fail(**arguments: Any) -> Order:
        if arguments["number"] == bad.number:
            raise WrongState("no")
        return real(**arguments)

    monkeypatch.setattr(keeping, "cancel", fail)
    # when
    assert let_uncollected_expire(now=after_expiry(good)) == 1
    # then
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["ready", "cancelled"]


def test_the_clock_does_both(shop):
    lies, over = ready(shop), ready(shop)
    Order.objects.filter(pk=lies.pk).update(ready_at=timezone.now() - 4 * DAY)
    Order.objects.filter(pk=over.pk).update(collect_until=timezone.now() - DAY)
    follow_up_collecting()
    assert topics(lies)[-1] == "order.reminded"
    assert topics(over)[-1] == "order.cancelled"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What came of acts that begin at the same moment, each on a connection of its own."""
    start, came = Barrier(len(acts)), [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        start.wait(timeout=20)
        try:
            came[n] = act()
        except DomainError as refusal:
            came[n] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return came


@pytest.mark.django_db(transaction=True)
def test_two_workers_call_off_and_remind_once(shop):
    over, lies = ready(shop), ready(shop)
    later = after_expiry(over)
    Order.objects.filter(pk=lies.pk).update(collect_until=later + DAY)
    assert sum(at_once(*[lambda: let_uncollected_expire(now=later)] * 4)) == 1
    assert sum(at_once(*[lambda: remind_of_collecting(now=later)] * 4)) == 1
    assert topics(over).count("order.cancelled") == 1
    assert topics(lies).count("order.reminded") == 1
    assert PaymentEntry.objects.filter(kind="refunded").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["customer", "clock"])
def test_a_customer_at_the_counter_at_that_moment_gets_the_goods_or_does_not(shop, first):
    # given somebody who is at it and has the order's lock, while the other one begins
    order = ready(shop, ("A", 1))
    later, collected = after_expiry(order), []

    def collect() -> Any:
        collected.append(hand_over(number=order.number, collect_code=order.collect_code, actor="t").status)
        return collected[-1]

    acts = [collect, lambda: let_uncollected_expire(now=later)]
    # when
    came = at_once(*(acts if first == "customer" else acts[::-1]))
    # then it is one of both, wholly
    order.refresh_from_db()
    refunds = PaymentEntry.objects.filter(kind="refunded").count()
    if collected:
        assert (order.status, refunds, shop.stock("A").on_hand) == ("collected", 0, 9)
        assert 0 in came
    else:
        assert (order.status, refunds, shop.stock("A").on_hand) == ("cancelled", 1, 10)
        assert any(isinstance(each, WrongState) for each in came)
    assert shop.stock("A").reserved == 0
    assert nothing_differs()


# --- more time ---------------------------------------------------------------------------------------------------------


def test_a_manager_gives_more_time_with_a_reason_and_the_customer_is_told(shop, manager):
    # given
    order = ready(shop)
    remind_of_collecting(now=order.ready_at + 3 * DAY)
    day = timezone.localdate() + 14 * DAY
    here, client = order.get_absolute_url(), browser(manager)
    # when
    assert client.post(f"{here}keep/", {"day": day.isoformat()}).status_code == 422  # without a reason
    page = text_of(client.post(f"{here}keep/", {"day": day.isoformat(), "reason": "On holiday"}, follow=True))
    # then
    assert f"Order {order.number} is kept until" in page
    old = after_expiry(order)
    order.refresh_from_db()
    assert timezone.localdate(order.collect_until) == day
    assert let_uncollected_expire(now=old) == 0
    assert topics(order)[-1] == "order.kept_longer"
    assert "On holiday" in text_of(client.get(f"{here}?part=audit"))
    assert len(told("collect_reminder")) == 2
    # and by the clock of the store, wherever that is
    Location.objects.update(time_zone="Pacific/Kiritimati")
    directory.forget()
    there = timezone.localtime(order.collect_until, ZoneInfo("Pacific/Kiritimati"))
    assert f"{there:%H:%M}" in next(str(f.value) for f in client.get(here).context["facts"] if f.label == "Kept until")
    assert f"{day.day} " in told("collect_reminder")[-1].body
    # and that mail was the reminder
    assert remind_of_collecting(now=order.ready_at + 3 * DAY) == 0


def test_a_day_on_which_the_store_has_closed_is_refused(shop, monkeypatch):
    order = ready(shop)
    today = timezone.localdate()
    until_past_midnight = Hours("Europe/Amsterdam", week=[((0, 1),)] * 7)
    monkeypatch.setattr(keeping, "hours_of", lambda _store, time_zone: until_past_midnight)
    with pytest.raises(InvalidInput):
        keep_until(number=order.number, day=today, actor="t")
    assert keep_until(number=order.number, day=today + DAY, actor="t").collect_until > timezone.now()


def test_goods_are_kept_until_a_day_on_which_the_store_is_open(shop):
    # given a store that is closed on the day the terms would come to, and the day after
    last = timezone.localdate() + shop.web.collect_days * DAY
    for day in (last, last + DAY):
        set_opening_day(location=shop.s1, day=day, hours="")
    directory.forget()
    # when
    order = ready(shop)
    # then
    assert timezone.localdate(order.collect_until) == last + 2 * DAY
    with pytest.raises(InvalidInput):
        keep_until(number=order.number, day=last, actor="t")


def test_orders_without_anything_ready_keep_nobody_from_their_turn(shop, monkeypatch):
    # given an order of which nothing lies ready any more, and one that cannot be called off now
    monkeypatch.setattr(keeping, "_AT_ONCE", 1)
    gone, stuck, late = ready(shop), ready(shop), ready(shop)
    gone.lines.update(status="open")
    expire = keeping._expire

    def failing(*, number: str, now: dt.datetime) -> bool:
        asked.append(number)
        if number == stuck.number:
            raise RuntimeError
        return expire(number=number, now=now)

    asked: list[str] = []
    monkeypatch.setattr(keeping, "_expire", failing)
    # when / then
    assert let_uncollected_expire(now=after_expiry(late)) == 1
    assert asked == [stuck.number, late.number]


@pytest.mark.parametrize("days", [-1, 61])
def test_a_day_that_is_past_or_far_off_is_refused(shop, manager, days):
    order = ready(shop)
    day = timezone.localdate() + days * DAY
    answer = browser(manager).post(f"{order.get_absolute_url()}keep/", {"day": day.isoformat(), "reason": "x y z"})
    assert answer.status_code == 400
    assert Order.objects.get().collect_until == order.collect_until


def test_what_does_not_lie_ready_is_not_kept(shop):
    order = order_of(shop)
    with pytest.raises(WrongState):
        keep_until(number=order.number, day=timezone.localdate() + DAY, actor="t")


def test_head_office_sets_the_days_of_each_channel(shop, head_office):
    client = browser(head_office)
    fields = client.get("/orders/collect/terms/").context["form"].initial
    assert fields == {"web-reminder": 3, "web-days": 7}
    assert client.post("/orders/collect/terms/", {"web-reminder": "5", "web-days": "5"}).status_code == 422
    assert client.post("/orders/collect/terms/", {"web-reminder": "5", "web-days": "10"}).status_code == 302
    shop.web.refresh_from_db()
    assert (shop.web.collect_reminder_days, shop.web.collect_days) == (5, 10)


# --- the page of work --------------------------------------------------------------------------------------------------


def test_what_lies_ready_is_late_after_the_day_that_was_told(shop, manager):
    order = ready(shop)
    Order.objects.filter(pk=order.pk).update(collect_until=timezone.now() - dt.timedelta(minutes=5))
    page = text_of(browser(manager).get("/work/?kind=orders.collect"))
    assert '<span class="due late">5 min late</span>' in page
    assert order.number in page
