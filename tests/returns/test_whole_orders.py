"""Who keeps nothing of an order gets the delivery back; who keeps something does not."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.events.subscribers import catch_up
from apps.core.reconcile import reconcile
from apps.franchise.models import RevenueShare
from apps.messages.models import Message
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine
from apps.orders.services import fulfilling, shipping
from apps.orders.services.cancelling import cancel
from apps.orders.services.shortages import report_short
from apps.returns.models import Return
from apps.returns.services.accepting import accept_announced, accept_in_store
from apps.returns.services.announcing import announce_return
from apps.returns.services.types import Accepted, Announced, Graded
from tests.people import make_user
from tests.returns.test_pages import opened, reference_in
from tests.shop import Shop
from tests.staff import browser

__all__ = ["make_user"]
DELIVERY = {"type": "delivery", "amount": "4.95", "vat_rate": "21.00"}
WRAPPING = {"type": "wrapping", "amount": "2.50", "vat_rate": "21.00"}


def ordered(shop: Shop, *lines: tuple[str, int], charges: Any = (DELIVERY,), **changes: Any) -> Order:
    """A web order to be sent from the distribution centre, paid by iDEAL."""
    shop.receive(shop.dc, A=10, B=10)
    total = sum(10 * quantity for _sku, quantity in lines) + sum(Decimal(c["amount"]) for c in charges)
    body = shop.order_body(*lines, charges=list(charges)) | {
        "fulfilment": {"method": "delivery", "address": {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}},
        "payments": [{"method": "ideal", "amount": str(total)}],
    }
    answer = shop.post("orders/", body | changes)
    assert answer.status_code == 201, answer.content
    return Order.objects.get(number=answer.json()["number"])


def sent(shop: Shop, *lines: tuple[str, int], days_ago: int = 0, **changes: Any) -> Order:
    order = ordered(shop, *lines, **changes)
    fulfilling.pick(number=order.number, actor="test")
    shipping.ship(number=order.number, actor="test")
    Order.objects.filter(pk=order.pk).update(closed_at=timezone.now() - dt.timedelta(days=days_ago))
    return Order.objects.get(pk=order.pk)


def come_back(shop: Shop, order: Order, *lines: tuple[int, int], name: str = "desk") -> Return:
    return accept_in_store(
        location=shop.s2,
        lines=[Accepted(order.number, n, Decimal(quantity)) for n, quantity in lines],
        reference=f"{name}-{order.number}",
        occurred_at=timezone.now(),
        actor="test",
    )


def paid_back(order: Order) -> Decimal:
    order.payment_account.refresh_from_db()
    return order.payment_account.refunded


def test_the_whole_order_comes_back(shop: Shop) -> None:
    # given
    order = sent(shop, ("A", 2), ("B", 1), charges=(DELIVERY, WRAPPING))
    # when
    rma = come_back(shop, order, (1, 2), (2, 1))
    # then delivery goes back, the wrapping was done
    assert rma.total == paid_back(order) == Decimal("34.95")
    charge = rma.lines.get(variant=None)
    assert (charge.order, charge.charge_type, charge.amount, charge.vat_amount) == (
        order,
        "delivery",
        Decimal("4.95"),
        Decimal("0.86"),
    )
    # and what is counted in goods is as before
    catch_up()
    assert sum(share.amount for share in RevenueShare.objects.all()) == 0
    assert Message.objects.filter(template="refund_done").count() == 1
    assert [o.check.name for o in reconcile() if o.differences] == []


def test_what_comes_back_in_parts_brings_delivery_with_the_last(shop: Shop) -> None:
    order = sent(shop, ("A", 2), ("B", 1))
    assert come_back(shop, order, (1, 2), name="first").total == Decimal("20.00")
    assert come_back(shop, order, (2, 1), name="last").total == Decimal("14.95")
    assert paid_back(order) == order.total


def test_who_keeps_a_piece_pays_for_its_delivery(shop: Shop) -> None:
    order = sent(shop, ("A", 2), ("B", 1))
    come_back(shop, order, (1, 1), (2, 1))
    assert paid_back(order) == Decimal("20.00")


@pytest.mark.parametrize(("days", "refund"), [(14, "14.95"), (17, "14.95"), (18, "10.00")])
def test_fourteen_days_after_the_parcel_came(shop: Shop, days: int, refund: str) -> None:
    order = sent(shop, ("A", 1), days_ago=days)
    assert come_back(shop, order, (1, 1)).total == Decimal(refund)


@pytest.mark.parametrize(("days_ago", "refund"), [(0, "10.00"), (6, "14.95")])
def test_the_day_of_announcing_counts(shop: Shop, days_ago: int, refund: str) -> None:
    # given an order sent twenty days ago, of which a return was announced some days ago
    order = sent(shop, ("A", 1), days_ago=20)
    rma, _new = announce_return(
        channel=shop.web,
        external_id="RET-1",
        fingerprint="",
        lines=[Announced(order.number, Decimal(1), line=1)],
        occurred_at=timezone.now() - dt.timedelta(days=days_ago),
    )
    # when
    rma = accept_announced(
        rma=rma,
        location=shop.s2,
        gradings=[Graded(1, "saleable", Decimal(1))],
        occurred_at=timezone.now(),
        actor="test",
    )
    # then
    assert rma.total == paid_back(order) == Decimal(refund)


def test_a_store_sells_at_no_distance(shop: Shop) -> None:
    order = sent(shop, ("A", 1))
    Order.objects.filter(pk=order.pk).update(channel=Channel.objects.get(code="S1"))
    assert come_back(shop, order, (1, 1)).total == Decimal("10.00")


def test_nothing_goes_back_that_was_never_paid(shop: Shop) -> None:
    order = sent(shop, ("A", 1), payments=[], payment_terms="invoice")
    come_back(shop, order, (1, 1))
    assert paid_back(order) == 0


def test_the_rest_was_cancelled_before(shop: Shop) -> None:
    # given one line cancelled, the other sent and brought back
    order = ordered(shop, ("A", 1), ("B", 1))
    cancel(number=order.number, line_numbers={2}, actor="test")
    fulfilling.pick(number=order.number, actor="test")
    shipping.ship(number=order.number, actor="test")
    # when
    come_back(shop, order, (1, 1))
    # then
    assert paid_back(order) == order.total


def test_the_rest_is_cancelled_after(shop: Shop) -> None:
    # given one line sent and brought back, while the other one cannot be found
    order = ordered(shop, ("A", 1), ("B", 1))
    report_short(number=order.number, line=2, actor="test")
    fulfilling.pick(number=order.number, actor="test")
    shipping.ship(number=order.number, actor="test")
    come_back(shop, order, (1, 1))
    assert paid_back(order) == Decimal("10.00")
    # when, twice
    for _ in range(2):
        cancel(number=order.number, line_numbers={2}, actor="test")
    # then
    assert paid_back(order) == order.total == Decimal("24.95")
    assert [o.check.name for o in reconcile() if o.differences] == []


def test_cancelling_a_line_while_another_is_kept_gives_no_delivery_back(shop: Shop) -> None:
    order = ordered(shop, ("A", 2), ("B", 1))
    report_short(number=order.number, line=2, actor="test")
    fulfilling.pick(number=order.number, actor="test")
    shipping.ship(number=order.number, actor="test")
    come_back(shop, order, (1, 1))
    cancel(number=order.number, line_numbers={2}, actor="test")
    assert paid_back(order) == Decimal("20.00")
    assert OrderLine.objects.get(order=order, line=1).returnable == 1
    assert Order.objects.get(pk=order.pk).closed_at is not None


def test_the_bon_says_so_before_and_after(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    order = sent(shop, ("A", 1))
    counter = browser(make_user("store_associate", shop.s2))
    url = opened(counter, order)
    chosen = {"saleable-1": "1", "reason-1": "too_small"}
    # when
    check = counter.post(url, chosen)
    # then
    assert "Give back €14.95" in check.content.decode()
    assert "nothing of the order is kept" in check.content.decode()
    # when
    done = counter.post(url, chosen | {"confirm": "", "reference": reference_in(check)}, follow=True).content.decode()
    assert "€14.95 by iDEAL" in done
    assert "nothing of the order is kept" in done


def test_the_bon_of_an_announced_return_says_so(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    order = sent(shop, ("A", 1))
    rma, _new = announce_return(
        channel=shop.web,
        external_id="RET-1",
        fingerprint="",
        lines=[Announced(order.number, Decimal(1), line=1)],
        occurred_at=timezone.now(),
        destination=shop.s2,
    )
    counter = browser(make_user("store_associate", shop.s2))
    # when
    check = counter.post(f"{rma.get_absolute_url()}take-in/", {"saleable-1": "1"})
    # then
    assert "Give back €14.95" in check.content.decode()
