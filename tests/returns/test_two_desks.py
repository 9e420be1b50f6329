"""Two desks take the same goods back at once: real threads on real PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.reconcile import reconcile
from apps.network.models import Location
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return
from apps.returns.services.accepting import accept_announced, accept_in_store
from apps.returns.services.announcing import announce_return
from apps.returns.services.types import Accepted, Announced, Graded, NotReturnable
from tests.returns.purchases import collected
from tests.shop import Shop, open_shop

DESKS = 12


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=20, B=20)
    return shop


def race(desk: Callable[[int], object]) -> Counter[str]:
    """Let all desks act at the same moment; count what became of them."""
    start = threading.Barrier(DESKS)

    def act(n: int) -> str:
        try:
            start.wait(timeout=20)
            desk(n)
        except NotReturnable as refusal:
            return refusal.code
        else:
            return "taken back"
        finally:
            connection.close()

    with ThreadPoolExecutor(DESKS) as pool:
        return Counter(pool.map(act, range(DESKS)))


def take_back(store: Location, order: Order, reference: str, *lines: tuple[int, int]) -> Return:
    return accept_in_store(
        location=store,
        lines=[Accepted(order.number, line, Decimal(q)) for line, q in lines],
        reference=reference,
        occurred_at=timezone.now(),
        actor="test",
    )


@pytest.mark.django_db(transaction=True)
def test_of_many_desks_exactly_one_wins(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    # when
    outcomes = race(lambda n: take_back(shop.s1 if n % 2 else shop.s2, order, f"desk-{n}", (1, 1)))
    # then
    assert outcomes == {"taken back": 1, "not_returnable": DESKS - 1}
    assert sum(e.amount for e in PaymentEntry.objects.filter(kind="refunded")) == Decimal("10.00")
    assert OrderLine.objects.get(order=order).quantity_returned == 1
    assert [o.check.name for o in reconcile() if o.differences] == []


@pytest.mark.django_db(transaction=True)
def test_lines_in_opposite_orders_add_up_to_the_cent(shop: Shop) -> None:
    # given eight pieces of each for an amount that does not divide by eight
    order = collected(shop, ("A", "8", "0.05"), ("B", "8", "0.03"))
    # when
    outcomes = race(
        lambda n: take_back(shop.s2, order, f"desk-{n}", *([(1, 1), (2, 1)] if n % 2 else [(2, 1), (1, 1)]))
    )
    # then
    assert outcomes == {"taken back": 8, "not_returnable": DESKS - 8}
    assert sum(rma.total for rma in Return.objects.all()) == order.total == Decimal("159.92")
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == order.total
    assert Order.objects.get(pk=order.pk).status == "returned"


@pytest.mark.django_db(transaction=True)
def test_the_same_desk_at_once_is_one_return(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "1", "0"))
    # when
    outcomes = race(lambda n: take_back(shop.s2, order, "desk", (1, 1)))
    # then
    assert outcomes == {"taken back": DESKS}
    assert Return.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_announced_return_is_taken_in_once(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "2", "0"))
    rma, _new = announce_return(
        channel=shop.web,
        external_id="RET-1",
        fingerprint="",
        lines=[Announced(order.number, Decimal(2), line=1)],
        occurred_at=timezone.now(),
    )
    # when
    outcomes = race(
        lambda n: accept_announced(
            rma=rma,
            location=shop.s1 if n % 2 else shop.s2,
            gradings=[Graded(1, "saleable", Decimal(2))],
            occurred_at=timezone.now(),
            actor="test",
        )
    )
    # then
    assert outcomes == {"taken back": 1, "not_returnable": DESKS - 1}
    assert sum(e.amount for e in PaymentEntry.objects.filter(kind="refunded")) == Decimal("20.00")
