import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.core.events.models import Event, Origin, Subscription
from apps.core.events.subscribers import catch_up
from apps.messages.models import Message
from apps.orders.letters import confirmations, ready_notices
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.recording import record_sales
from apps.orders.services.types import Sale, SaleLine
from apps.orders.subscribers import confirm_orders, tell_ready
from tests.orders.counter import order_of, read_events


def made_ready(order: Order) -> Order:
    pick(number=order.number, actor="test")
    return mark_ready(number=order.number, actor="test")


def read_again() -> None:
    """Everything from the beginning, as after the loss of the cursors."""
    Subscription.objects.filter(name__startswith="orders.").update(position=0)
    read_events()


def test_the_customer_is_told_once_when_the_order_came_in_and_once_when_it_lies_ready(shop):
    order = order_of(shop, ("A", 2))
    read_events()
    confirmation = Message.objects.get()
    assert (confirmation.template, confirmation.address) == ("order_confirmed", "j.jansen@example.org")
    assert order.number in confirmation.subject
    assert "€ 20,00" in confirmation.body.replace("\N{NO-BREAK SPACE}", " ")  # the webshop speaks Dutch

    made_ready(order)
    read_events()
    ready = Message.objects.get(template="collect_ready")
    assert order.collect_code in ready.body
    assert "2 × Product A" in ready.body
    assert "Utrecht" in ready.subject
    assert ready.source_record_id == order.source_record_id

    # when the log is read again, nothing is written twice
    read_again()
    assert Message.objects.count() == 2


def test_the_letter_is_in_the_language_of_the_channel(shop):
    shop.web.locale = "en"
    shop.web.save()
    order_of(shop, ("A", 2))
    read_events()
    assert "Total: €20.00" in Message.objects.get().body


def test_nobody_is_told_to_come_for_what_they_have(shop):
    order = made_ready(order_of(shop))
    hand_over(number=order.number, collect_code=order.collect_code, actor="test")
    gone = made_ready(order_of(shop))
    cancel(number=gone.number, actor="test")
    read_events()
    assert not Message.objects.filter(template="collect_ready").exists()


def test_who_left_no_address_gets_no_mail_and_holds_up_nobody(shop):
    order_of(shop, customer={"phone": "+31612345678", "first_name": "Nora"})
    order_of(shop, customer=None)
    told = order_of(shop)
    read_events()
    assert Message.objects.get().dedupe_key.startswith(f"order_confirmed:{told.number}:")


def test_imported_history_is_not_written_about(shop):
    line = SaleLine(1, shop.variants["A"].pk, "A", "A", Decimal(1), Decimal(10), Decimal(0), Decimal("10.00"))
    at = dt.datetime(2011, 1, 5, tzinfo=dt.UTC)
    with transaction.atomic():
        record_sales(
            [Sale(shop.web.pk, "web", "OLD-1", at, at.date(), "EUR", shop.own.pk, "delivery", [line])],
            origin=Origin.HISTORY,
            actor="test",
            move_stock=False,
        )
    order = made_ready(order_of(shop))
    told_of_old = [
        Event(topic=topic, object_type="order", object_key=order.number, origin="history", occurred_at=at, payload={})
        for topic in ("order.placed", "order.ready")
    ]
    Event.objects.bulk_create(told_of_old)
    catch_up(names={"orders.confirm", "orders.tell_ready"})
    assert sorted(message.template for message in Message.objects.all()) == ["collect_ready", "order_confirmed"]


def test_a_batch_of_events_costs_as_many_queries_as_one(shop, django_assert_num_queries):
    orders = [made_ready(order_of(shop)) for _n in range(4)]
    events = list(Event.objects.filter(topic="order.ready").order_by("id"))
    with django_assert_num_queries(2):
        letters = ready_notices(events)
    assert [letter.dedupe_key.split(":")[1] for letter in letters] == [order.number for order in orders]
    placed = list(Event.objects.filter(topic="order.placed"))
    with django_assert_num_queries(2):
        assert len(confirmations(placed)) == 4


def test_an_event_of_an_order_nobody_knows_is_passed_over(shop):
    order_of(shop)
    unknown = Event(
        topic="order.ready", object_type="order", object_key="T00000000000", payload={}, occurred_at=timezone.now()
    )
    tell_ready([unknown])
    confirm_orders([unknown])
    assert not Message.objects.exists()
