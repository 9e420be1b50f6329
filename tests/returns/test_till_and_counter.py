"""A till and a counter take the same announced pieces at once: real threads on real PostgreSQL."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.reconcile import reconcile
from apps.core.retry import in_transaction
from apps.orders.models import OrderLine
from apps.payments.models import PaymentEntry
from apps.returns.models import Return
from apps.returns.services.accepting import accept_announced
from apps.returns.services.announcing import announce_return
from apps.returns.services.recording import record_returns
from apps.returns.services.types import Announced, Graded
from tests.returns.purchases import collected
from tests.returns.test_recording import line, returned
from tests.returns.test_two_desks import DESKS, race
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=40)
    return shop


def announced(shop: Shop, number: str, name: str, quantity: int) -> Return:
    rma, _new = announce_return(
        channel=shop.web,
        external_id=name,
        fingerprint="",
        lines=[Announced(number, Decimal(quantity), line=1)],
        occurred_at=timezone.now(),
    )
    return rma


def test_a_till_and_a_counter_pay_each_piece_once(shop: Shop) -> None:
    # given as many announcements of a piece as there are desks
    order = collected(shop, ("A", str(DESKS), "0"))
    rmas = [announced(shop, order.number, f"RET-{n}", 1) for n in range(DESKS)]
    bought = OrderLine.objects.get(order=order)

    # when half the desks are tills, the others take in the announcements, two desks each
    def desk(n: int) -> None:
        if n % 2:
            sale = returned(shop, f"T{n}", line(shop, 1, "10.00", of=bought))
            in_transaction(lambda: record_returns([sale], actor="test"))
        else:
            accept_announced(
                rma=rmas[n % 6],
                location=shop.s2,
                gradings=[Graded(1, "saleable", Decimal(1))],
                occurred_at=timezone.now(),
                actor="test",
            )

    race(desk)
    # then
    bought.refresh_from_db()
    settled = Return.objects.filter(status="settled", lines__order_line=bought).count()
    waiting = Return.objects.filter(status="announced").count()
    assert (bought.quantity_returned, bought.quantity_returning) == (settled, waiting)
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == 10 * settled
    assert [o.check.name for o in reconcile() if o.differences] == []


def test_announcing_while_a_till_takes_back(shop: Shop) -> None:
    # given
    order = collected(shop, ("A", "6", "0"))
    bought = OrderLine.objects.get(order=order)

    # when pieces are announced and brought to tills at the same moment
    def desk(n: int) -> None:
        if n % 2:
            sale = returned(shop, f"T{n}", line(shop, 1, "10.00", of=bought))
            in_transaction(lambda: record_returns([sale], actor="test"))
        else:
            announced(shop, order.number, f"RET-{n}", 1)

    race(desk)
    # then each of the six tills took a piece of the order, announced or not
    bought.refresh_from_db()
    assert (bought.quantity_returned, bought.quantity_returning) == (6, 0)
    assert not Return.objects.filter(status="announced").exists()
    assert sum(e.amount for e in PaymentEntry.objects.filter(kind="refunded")) == order.total
    order.payment_account.refresh_from_db()
    assert order.payment_account.refunded == order.total
