"""Who gets the goods at the counter: by the code, or by who they are."""

from decimal import Decimal

import pytest

from apps.core.errors import InvalidInput
from apps.core.privacy.triggers import redacting
from apps.orders.models import Collector, Handover, Order
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.keeping import name_collector
from apps.orders.services.shortages import source_waiting
from apps.orders.services.types import Identified, NotPaid, WrongCollectCode, WrongState
from apps.payments.services.types import Tendered
from tests.orders.counter import order_of, text_of
from tests.orders.test_keeping import ready
from tests.shop import nothing_differs
from tests.staff import browser


def shown(order: Order) -> list[tuple[str, str | None]]:
    return list(Handover.objects.filter(order=order).values_list("proof", "collector__name"))


def test_with_the_code_that_is_what_was_shown(shop):
    order = ready(shop)
    hand_over(number=order.number, collect_code=order.collect_code, actor="user:1")
    assert shown(order) == [("code", None)]
    hand_over(number=order.number, collect_code=order.collect_code, actor="user:1")
    assert len(shown(order)) == 1


def test_a_customer_without_the_code_shows_a_document(shop, associate):
    order = ready(shop)
    here, client = order.get_absolute_url(), browser(associate)
    page = text_of(client.get(f"{here}hand-over/"))
    assert "Who is it?" not in page
    assert client.post(f"{here}hand-over/", {"code": "", "proof": "code"}).status_code == 422
    page = text_of(client.post(f"{here}hand-over/", {"code": "", "proof": "passport"}, follow=True))
    assert f"Order {order.number} is handed over to Jan." in page
    assert shown(order) == [("passport", None)]
    assert "Passport" in text_of(client.get(here))


def test_somebody_else_collects_whom_the_customer_named_when_ordering(shop, associate):
    order = ready(shop, fulfilment={"method": "collect", "location": "S1", "collector": " Piet Buur "})
    here, client = order.get_absolute_url(), browser(associate)
    assert "Piet Buur" in text_of(client.get(here))
    assert "Piet Buur" in text_of(client.get(f"{here}hand-over/"))
    client.post(f"{here}hand-over/", {"code": "", "proof": "id_card", "who": "collector"})
    assert shown(order) == [("id_card", "Piet Buur")]
    assert Order.objects.get().status == "collected"


def test_who_was_named_last_collects(shop, manager):
    order = ready(shop)
    client, page = browser(manager), f"{order.get_absolute_url()}collector/"
    client.post(page, {"name": "Piet Buur"})
    client.post(page, {"name": "Piet Buur"})
    assert "Anna Buur may collect" in text_of(client.post(page, {"name": "Anna Buur"}, follow=True))
    assert list(Collector.objects.values_list("name", flat=True)) == ["Piet Buur", "Anna Buur"]
    hand_over(number=order.number, identified=Identified("id_card", is_collector=True), actor="t")
    assert shown(order) == [("id_card", "Anna Buur")]
    with pytest.raises(WrongState):
        name_collector(number=order.number, name="Too late", actor="t")


@pytest.mark.parametrize(
    ("code", "identified", "refusal"),
    [
        ("", None, WrongCollectCode),
        ("WRONG", None, WrongCollectCode),
        ("", Identified("code"), InvalidInput),
        ("", Identified("library card"), InvalidInput),
        ("", Identified("passport", is_collector=True), InvalidInput),
    ],
)
def test_what_proves_nothing_gets_nothing(shop, code, identified, refusal):
    order = ready(shop)
    with pytest.raises(refusal):
        hand_over(number=order.number, collect_code=code, identified=identified, actor="t")
    order.refresh_from_db()
    assert order.status == "ready"
    assert shown(order) == []


def test_a_parcel_has_no_collector(shop):
    address = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
    fulfilment = {"method": "delivery", "address": address, "collector": "Piet Buur"}
    answer = shop.post("orders/", shop.order_body(fulfilment=fulfilment))
    assert answer.status_code == 400
    assert not Order.objects.exists()


def test_an_app_of_a_store_hands_over_by_document(shop, key_of):
    order, key = ready(shop), key_of(shop.s1)
    path = f"orders/{order.number}/hand-over/"
    assert shop.post(path, {}, api_key=key).status_code == 400
    assert shop.post(path, {"identified_by": "code"}, api_key=key).status_code == 400
    assert shop.post(path, {"identified_by": "driving_licence"}, api_key=key).json()["status"] == "collected"
    assert shown(order) == [("driving_licence", None)]


def test_the_name_of_who_collects_can_be_forgotten_and_not_changed(shop):
    order = order_of(shop, fulfilment={"method": "collect", "location": "S1", "collector": "Piet Buur"})
    named = Collector.objects.get(order=order)
    with redacting():
        Collector.objects.filter(pk=named.pk).update(name="")
    assert Collector.objects.get().name == ""


def test_what_is_not_there_yet_is_paid_when_it_is(shop):
    # given A, which lies ready, and B, which nobody has
    order = order_of(shop, ("A", 1), ("B", 1), payment_terms="on_collection", payments=[])
    assert shop.post(f"orders/{order.number}/short/", {"line": 2}).json()["lines"][1]["status"] == "open"
    for found, sku in ((1, "A"), (2, "B")):
        pick(number=order.number, actor="t")
        mark_ready(number=order.number, actor="t")
        order = Order.objects.select_related("payment_account").get(pk=order.pk)
        # when nothing is paid, or what this part costs
        with pytest.raises(NotPaid, match="10,00"):
            hand_over(number=order.number, collect_code=order.collect_code, actor="t")
        money = [Tendered("pin", Decimal(10))]
        hand_over(number=order.number, collect_code=order.collect_code, tenders=money, actor="t")
        # then
        assert order.lines.get(sku=sku).status == "collected"
        assert order.lines.filter(status="collected").count() == found
        shop.receive(shop.s1, B=1)
        source_waiting()
    order = Order.objects.select_related("payment_account").get(pk=order.pk)
    assert (order.status, order.payment_account.captured) == ("collected", 20)
    assert nothing_differs()
