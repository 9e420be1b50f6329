"""What is written in a ledger or the log stays as it was written."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from apps.core.events.log import Happened, record
from apps.core.events.sequencer import stamp
from apps.core.models import Event
from apps.core.privacy.triggers import redacting
from apps.customers.models import PersonDetails
from apps.franchise.models import RevenueShare
from apps.inventory.models import StockMovement
from apps.loyalty.models import PointsEntry
from apps.payments.models import PaymentEntry
from tests.shop import open_shop

LEDGERS = [StockMovement, PaymentEntry, PointsEntry, RevenueShare]


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except ProgrammingError:
        return True
    return False


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda m: m.__name__)
def test_every_ledger_refuses_change(db, ledger):
    """The triggers are there and enabled for each ledger, whether or not it has rows now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O' AND tgname LIKE 'pgtrigger_%%'"
            " AND (tgtype & 8) > 0 AND (tgtype & 16) > 0",
            [ledger._meta.db_table],
        )
        assert cursor.fetchone()[0] == 1


def test_stock_movements_cannot_be_changed_or_deleted(db):
    shop = open_shop()
    shop.receive(shop.s1, A=5)
    assert refused("UPDATE inventory_stockmovement SET quantity = 6")
    assert refused("DELETE FROM inventory_stockmovement")
    assert StockMovement.objects.get().quantity == 5


def test_an_event_is_stamped_once_and_otherwise_left_alone(db):
    with transaction.atomic():
        record(Happened("test.happened", "thing", "1", timezone.now(), {}))
    assert refused("UPDATE core_event SET topic = 'other'")
    stamp()
    assert Event.objects.get().position == 1
    assert refused("UPDATE core_event SET position = 2")
    assert refused("DELETE FROM core_event")


def test_records_are_only_ever_redacted(db):
    shop = open_shop()
    shop.receive(shop.s1, A=1)
    assert shop.post("orders/", shop.order_body()).status_code == 201
    assert refused("UPDATE customers_persondetails SET first_name = 'Piet'")
    with redacting():
        PersonDetails.objects.update(first_name="")
    assert PersonDetails.objects.get().first_name == ""
    assert refused("UPDATE customers_persondetails SET first_name = 'Piet'")
