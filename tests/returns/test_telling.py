import datetime as dt
from decimal import Decimal

from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.core.models import Event
from apps.messages.models import Message
from apps.orders.models import Order
from apps.returns.models import Return
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from apps.returns.subscribers import tell
from tests.returns.purchases import collected, sold
from tests.shop import Shop


def take_back(shop: Shop, order: Order, *, days_ago: int = 0) -> Return:
    return accept_in_store(
        location=shop.s2,
        lines=[Accepted(order.number, 1, Decimal(1))],
        reference=f"desk-{order.number}",
        occurred_at=timezone.now() - dt.timedelta(days=days_ago),
        actor="test",
    )


def test_the_customer_gets_one_mail_with_the_amount(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    # when
    rma = take_back(shop, order)
    catch_up()
    tell(list(Event.objects.filter(topic="return.settled")))
    # then
    message = Message.objects.get(template="refund_done")
    assert (message.address, message.source_record) == ("j.jansen@example.org", order.source_record)
    assert "€\N{NO-BREAK SPACE}10,00" in message.body
    assert rma.number in message.subject
    assert "1 × Product A" in message.body
    assert "Jan Jansen" in message.body


def test_nobody_is_written_to_where_no_money_or_no_address_is(shop: Shop) -> None:
    # when
    take_back(shop, collected(shop, ("A", "1", "0"), terms="invoice"))
    take_back(shop, sold(shop, shop.s1, ("A", "1", "10.00")))
    catch_up()
    # then
    assert not Message.objects.filter(template="refund_done").exists()


def test_what_is_told_late_is_no_news(shop: Shop) -> None:
    # given two returns that a system tells now: one of last month, one of yesterday
    take_back(shop, collected(shop, ("A", "1", "0")), days_ago=30)
    recent = take_back(shop, collected(shop, ("A", "1", "0")), days_ago=1)
    # when
    catch_up()
    # then
    told = Message.objects.filter(template="refund_done").values_list("dedupe_key", flat=True)
    assert list(told) == [f"refund_done:{recent.number}"]
