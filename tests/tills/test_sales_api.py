"""POST /api/v1/sales/: facts from the tills, booked once, never refused for lack of stock."""

import datetime as dt
from decimal import Decimal

import pytest

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.catalogue.models import Gtin, Product, Variant
from apps.core.models import Event, InboxDocument, Quarantined
from apps.customers.models import SourceRecord
from apps.inventory.models import StockMovement, StoreTask
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.tills.models import Ticket
from tests.tills.invoices import ledgers_that_differ
from tests.tills.tickets import line, send, ticket


def test_a_sale_is_an_order_of_the_stores_channel(shop):
    # when
    told = ticket(
        line("A", 2),
        line("B", 1, "4.95", discount="0.95", associate="A9"),
        customer={"loyalty_card": "29123456789012"},
        tenders=[{"method": "pin", "amount": "24.00", "reference": "x9"}],
    )
    answer = send(shop, told)
    # then
    order = Order.objects.get()
    assert answer == {"accepted": 1, "duplicates": 0, "numbers": [order.number], "quarantined": []}
    assert (order.channel.code, order.location.code, order.seller.code) == ("S1", "S1", "F01")
    assert (order.status, order.method, order.total) == ("collected", "carry_out", Decimal("24.00"))
    assert order.external_id == f"1/2026-11-20/{told['sequence']}"
    lines = [(ln.line, ln.sku, ln.quantity, ln.amount, ln.vat_amount, ln.associate) for ln in order.lines.all()]
    assert lines == [
        (1, "A", 2, Decimal("20.00"), Decimal("3.47"), ""),
        (2, "B", 1, Decimal("4.00"), Decimal("0.69"), "A9"),
    ]
    assert shop.stock("A").on_hand == 8
    assert shop.stock("B").on_hand == 9
    entry = PaymentEntry.objects.get()
    assert (entry.tender.method, entry.amount, entry.legal_entity.code) == ("pin", Decimal("24.00"), "F01")
    record = SourceRecord.objects.get()
    assert (record.source, order.source_record) == ("tills", record)
    assert Event.objects.get(topic="order.fulfilled").object_key == order.number
    kept = Ticket.objects.get()
    assert (kept.order, kept.number, kept.total, kept.operator) == (order, order.number, Decimal("24.00"), "A17")
    assert InboxDocument.objects.get(source="tills").body == told
    assert ledgers_that_differ() == []


def test_the_tills_own_amount_and_vat_are_facts(shop):
    send(shop, ticket(line("A", 3, "3.333", amount="9.99", vat_amount="1.70")))
    sold = OrderLine.objects.get()
    assert (sold.amount, sold.vat_rate, sold.vat_amount) == (Decimal("9.99"), Decimal("21.00"), Decimal("1.70"))


@pytest.mark.parametrize("sign", [1, -1])
def test_cash_rounding_is_kept(shop, sign):
    told = ticket(line(unit_price="9.98"), tenders=[{"method": "cash", "amount": "10.00"}]) | {
        "rounding": f"{sign * 0.02}"
    }
    send(shop, told)
    order = Order.objects.get()
    assert (order.goods_total, order.charges_total, order.total) == (Decimal("9.98"), Decimal("0.02"), Decimal("10.00"))
    assert Ticket.objects.get().rounding == Decimal(f"{sign * 0.02}")
    assert order.payment_account.captured == Decimal("10.00")


def test_a_bar_code_in_any_length_finds_the_article(shop):
    Gtin.objects.create(variant=shop.variants["B"], code="08712345678906")
    send(shop, ticket(line(None, gtin="8712345678906")))
    assert OrderLine.objects.get().sku == "B"


def test_change_in_cash_is_no_payment(shop):
    send(shop, ticket(tenders=[{"method": "cash", "amount": "50.00"}, {"method": "cash", "amount": "-40.00"}]))
    assert [(e.kind, e.amount) for e in PaymentEntry.objects.all()] == [("captured", Decimal("10.00"))]
    assert Ticket.objects.get().total == Decimal("10.00")


def test_a_sale_beyond_the_stock_is_booked_and_asks_for_a_count(shop):
    answer = send(shop, ticket(line("A", 12)))
    assert answer["accepted"] == 1
    assert shop.stock("A").on_hand == -2
    task = StoreTask.objects.get()
    assert (task.kind, task.quantity, task.location.code) == ("count_short", 2, "S1")


def test_gift_cards_deposits_and_charges_are_no_goods(shop):
    send(
        shop,
        ticket(
            {"type": "gift_card", "amount": "25.00", "quantity": 1},
            {"type": "deposit", "amount": "0.25", "quantity": 1, "description": "Fles"},
            {"type": "charge", "unit_price": "2.00", "quantity": 2, "vat_rate": "21.00"},
        ),
    )
    order = Order.objects.get()
    assert (order.goods_total, order.charges_total) == (Decimal(0), Decimal("29.25"))
    assert list(order.charges.values_list("type", "description", "amount")) == [
        ("gift_card", "gift_card", Decimal("25.00")),
        ("adjustment", "Fles", Decimal("0.25")),
        ("service", "charge", Decimal("4.00")),
    ]
    assert not StockMovement.objects.filter(kind="sale").exists()


def test_the_same_ticket_again_is_a_duplicate(shop):
    told = ticket()
    first = send(shop, told)
    again = send(shop, {**told, "rounding": "0"})  # the same, written otherwise
    assert again == {"accepted": 0, "duplicates": 1, "numbers": first["numbers"], "quarantined": []}
    assert shop.stock("A").on_hand == 9
    assert Order.objects.count() == 1


def test_the_same_key_with_other_content_is_a_conflict(shop):
    told = ticket()
    send(shop, told)
    answer = send(shop, ticket(line("A", 2), sequence=told["sequence"]))
    assert (answer["accepted"], answer["duplicates"], answer["numbers"]) == (0, 0, [])
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(0, "conflict")]
    assert shop.stock("A").on_hand == 9
    kept = Quarantined.objects.get()
    assert (kept.code, kept.amount, kept.locations) == ("conflict", Decimal("20.00"), [shop.s1.pk])


@pytest.mark.parametrize("same", ["store", "till", "business_date", "sequence"])
def test_the_key_is_store_till_day_and_sequence_together(shop, same):
    other = {"store": "S2", "till": "2", "business_date": "2026-11-19", "sequence": 77}
    told = ticket(sequence=5)
    answer = send(shop, [told, {**told, **(other | {same: told[same]})}])
    assert answer["accepted"] == 2


def test_one_bad_ticket_costs_the_others_nothing(shop):
    good, bad, also_good = ticket(), ticket(line("NOPE")), ticket(line("B"))
    answer = send(shop, [good, bad, also_good])
    assert (answer["accepted"], len(answer["numbers"])) == (2, 2)
    assert [(q["index"], q["code"], q["attr"]) for q in answer["quarantined"]] == [(1, "unknown_sku", "lines.0.sku")]
    assert "NOPE" in answer["quarantined"][0]["detail"]
    assert (shop.stock("A").on_hand, shop.stock("B").on_hand) == (9, 9)
    assert InboxDocument.objects.get(status="quarantined").body == bad


def test_a_ticket_twice_in_one_array_is_booked_once(shop):
    told = ticket()
    answer = send(shop, [told, told, {**told, "operator": "other"}])
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    assert answer["numbers"][0] == answer["numbers"][1]
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(2, "conflict")]
    assert Order.objects.count() == 1


def test_a_bad_ticket_twice_in_one_array_is_bad_twice(shop):
    told = ticket(line("NOPE"))
    answer = send(shop, [told, told])
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(0, "unknown_sku"), (1, "unknown_sku")]
    assert Quarantined.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "attr"),
    [
        ({"store": "S9"}, "unknown_store", "store"),
        ({"store": "DC"}, "unknown_store", "store"),
        ({"store": None}, "null", "store"),
        ({"sequence": "x"}, "invalid", "sequence"),
        ({"currency": "USD"}, "other_currency", "currency"),
        ({"business_date": "2019-12-31"}, "no_owner", "store"),
        ({"business_date": "1999-12-31"}, "out_of_range", "business_date"),
        ({"occurred_at": "never"}, "invalid", "occurred_at"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "out_of_range", "occurred_at"),
        ({"lines": []}, "empty", "lines"),
        ({"lines": "no"}, "not_a_list", "lines"),
        ({"lines": [line(quantity="-1")]}, "min_value", "lines.0.quantity"),
        ({"lines": [line(quantity="0")]}, "min_value", "lines.0.quantity"),
        ({"lines": [line(quantity="1e9")]}, "max_value", "lines.0.quantity"),
        ({"lines": [line(quantity="NaN")]}, "invalid", "lines.0.quantity"),
        ({"lines": [line(quantity=[1])]}, "invalid", "lines.0.quantity"),
        ({"lines": [line(quantity="0.5")]}, "fraction", "lines.0.quantity"),
        ({"lines": [line(unit_price="-1")]}, "min_value", "lines.0.unit_price"),
        ({"lines": [line(amount="-1.00")]}, "negative_amount", "lines.0.amount"),
        ({"lines": [line(None)]}, "required", "lines.0.sku"),
        ({"lines": [line(None, gtin="8712345678906")]}, "unknown_gtin", "lines.0.gtin"),
        ({"lines": [line(None, gtin="8712345678907")]}, "invalid_gtin", "lines.0.gtin"),
        ({"lines": [line(type="gift")]}, "invalid_choice", "lines.0.type"),
        ({"lines": [line(type="collect", order="T00000000000")]}, "unknown_order", "lines.0.order"),
        ({"lines": [line(type="return", order="T00000000000")]}, "unknown_order", "lines.0.order"),
        ({"tenders": [{"method": "pin", "amount": "9.00"}]}, "does_not_add_up", "tenders"),
        ({"tenders": []}, "does_not_add_up", "tenders"),
        ({"rounding": "5.00"}, "max_value", "rounding"),
        ({"operator": "a\x00b"}, "null_byte", None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_booked_is_set_apart_exactly(shop, changes, code, attr):
    # given
    told = {**ticket(sequence=1), **changes}
    # when
    answer = send(shop, told)
    # then
    assert (answer["accepted"], answer["duplicates"]) == (0, 0)
    (quarantined,) = answer["quarantined"]
    assert (quarantined["code"], quarantined["attr"]) == (code, attr)
    assert quarantined["detail"]
    assert quarantined["mend"]
    assert "%(" not in quarantined["detail"] + quarantined["mend"]
    assert not Order.objects.exists()
    assert not Ticket.objects.exists()
    assert shop.stock("A").on_hand == 10
    assert Quarantined.objects.get().code == code


@pytest.mark.parametrize("body", ["text", 5, None, [], [ticket()] * 1001])
def test_a_body_that_is_no_tickets_is_refused(shop, body):
    answer = shop.post("sales/", body if body is not None else "null")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["attr"] is None
    assert InboxDocument.objects.count() == 0


def test_what_is_no_ticket_in_an_array_is_set_apart(shop):
    answer = send(shop, [ticket(), 7, ["x"], None, "abc"])
    assert answer["accepted"] == 1
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(n, "not_a_ticket") for n in (1, 2, 3, 4)]


def test_a_thousand_tickets_in_one_array(shop, django_assert_max_num_queries):
    tickets = [ticket(line("ABC"[n % 3]), till=str(n % 7)) for n in range(1000)]
    with django_assert_max_num_queries(60):
        answer = send(shop, tickets)
    assert answer["accepted"] == 1000
    assert len(set(answer["numbers"])) == 1000
    assert shop.stock("A").on_hand == 10 - 334


def test_reasons_come_in_the_callers_language(shop):
    from django.test import Client

    answer = Client().post(
        "/api/v1/sales/",
        {**ticket(), "store": "S9"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "nl-1", "Accept-Language": "en"},
    )
    assert answer.json()["quarantined"][0]["detail"] == "There is no store “S9” with tills of its own."


def test_an_idempotency_key_is_required_and_repeats_the_answer(shop):
    from django.test import Client

    told = ticket()
    bare = Client().post(
        "/api/v1/sales/", told, content_type="application/json", headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert bare.status_code == 400
    first = shop.post("sales/", told, key="once")
    again = shop.post("sales/", told, key="once")
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert shop.post("sales/", ticket(), key="once").status_code == 422


def test_without_the_scope_nothing_is_taken_in(shop):
    client = ApiClient.objects.create(name="Reader", channel=shop.web, scopes=["orders:read"])
    key = issue_api_key(client=client)
    assert shop.post("sales/", ticket(), api_key=key).status_code == 403
    assert shop.get("sales/", api_key=key).status_code == 403
    assert InboxDocument.objects.count() == 0


def test_a_till_system_of_one_store_knows_no_other(shop):
    # given
    client = ApiClient.objects.create(name="Tills of S2", channel=shop.s2.channel, scopes=["sales:write"])
    client.locations.add(shop.s2)
    key = issue_api_key(client=client)
    send(shop, ticket())
    # when
    answer = send(shop, [ticket(), ticket(store="S2", lines=[line("A")])], api_key=key)
    # then
    assert [(q["index"], q["code"]) for q in answer["quarantined"]] == [(0, "unknown_store")]
    found = shop.get("sales/", api_key=key).json()["results"]
    assert [t["store"] for t in found] == ["S2"]


def test_a_ticket_can_be_looked_up(shop):
    told = ticket(sequence=4711, till="3")
    number = send(shop, [told, ticket()])["numbers"][0]
    found = shop.get("sales/?store=S1&till=3&business_date=2026-11-20&sequence=4711").json()
    assert found["next"] is None
    (one,) = found["results"]
    assert one["number"] == number == one["order"]
    assert (one["store"], one["till"], one["sequence"], one["total"]) == ("S1", "3", 4711, "10.00")
    assert shop.get("sales/?sequence=1").json()["results"] == []
    assert shop.get("sales/?business_date=nonsense").status_code == 400
    assert shop.get("sales/?business_date=2026-13-45").status_code == 400
    assert shop.get("sales/?sequence=-1").status_code == 400


def test_a_ticket_that_was_set_apart_is_booked_when_it_comes_again_mended(shop):
    # given
    told = ticket(line("NEW"))
    assert send(shop, told)["quarantined"][0]["code"] == "unknown_sku"
    product = Product.objects.create(code="NEW")
    Variant.objects.create(product=product, sku="NEW")
    # when
    answer = send(shop, told)
    # then
    assert answer["accepted"] == 1
    assert Quarantined.objects.get().mended_at is not None
    assert InboxDocument.objects.get().status == "booked"


def test_a_corrected_ticket_takes_the_place_of_the_one_that_could_not_be_read(shop):
    told = ticket()
    send(shop, {**told, "lines": [line(quantity="-1")]})
    apart = Quarantined.objects.get()
    assert apart.locations == [shop.s1.pk]
    assert send(shop, told)["accepted"] == 1
    apart.refresh_from_db()
    assert apart.mended_at is not None


def test_a_conflict_is_not_mended_by_what_was_booked_first(shop):
    told = ticket()
    send(shop, [told, {**told, "operator": "other"}])
    send(shop, told)
    assert Quarantined.objects.get().mended_at is None


def test_what_is_in_the_ledger_when_the_answer_is_sent(shop):
    """Late tickets keep their own day."""
    send(shop, ticket(business_date="2026-11-18", occurred_at="2026-11-19T00:10:00+01:00"))
    move = StockMovement.objects.get(kind="sale")
    assert move.business_date == dt.date(2026, 11, 18)
    assert Order.objects.get().business_date == dt.date(2026, 11, 18)
