"""The chain that benchmarks are run on is one that the application can work with."""

from apps.inventory.services.availability import Question, availability
from apps.network import directory
from apps.orders.models import Order
from benchmarks.million import Size, fill_tables


def test_the_chain_of_the_benchmarks_fills_every_table_as_it_is_now(db):
    # given
    size = Size(
        customers=40, orders=240, products=300, returns=8, open_orders=6, stores=4, everywhere=True, ledger=50
    )  # fmt: skip  # a row of sizes

    # when
    fill_tables(size)

    # then: each column that a table has come to need was filled, and what was filled in is what the application reads
    directory.forget()
    assert Order.objects.filter(status="sourced").count() == 4
    (answer,) = availability(Question(["MW-100007"], channel="web")).values()
    assert {here.location.code for here in answer.here} == {"S001", "S002", "S003", "S004"}
