"""The same file imported by two processes at once: real threads on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from apps.core.models import Quarantined
from apps.orders.models import Order
from apps.returns.models import Return
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.services.importing import Imported, import_invoices
from tests.tills.invoices import SAMPLE, ledgers_that_differ


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_book_it_once():
    def run(n: int) -> Imported:
        try:
            return import_invoices(SAMPLE, adapter=OnlineRetail(), batch=60 + n)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, range(2))
    assert first.adds_up
    assert second.adds_up
    assert first.tally.booked == second.tally.booked == Decimal("53131.95")
    assert (Order.objects.count(), Return.objects.count(), Quarantined.objects.count()) == (233, 91, 40)
    assert ledgers_that_differ() == []
