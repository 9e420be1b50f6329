"""Stock corrected by hand: found, gone, in another condition; with a reason, once, and never below nothing."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from apps.core.errors import InvalidInput
from apps.inventory.models import Condition, Reason, StockDocument, StockLevel, StockMovement, StoreTask
from apps.inventory.services.availability import Question, availability
from apps.inventory.services.correcting import BECOMES, GAINS, LOSSES, NotSoMany, adjust, change_condition
from apps.inventory.standing import standing_of
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser, person


def put(shop: Shop, reason: str, quantity: Any = 1, source: str = "saleable", **more: Any) -> StockDocument:
    return change_condition(
        location=shop.s1,
        variant=shop.variants["A"],
        quantity=Decimal(str(quantity)),
        source=source,
        reason=reason,
        actor="test",
        **{"reference": "", **more},
    )


def book(shop: Shop, reason: str, quantity: Any = 1, **more: Any) -> StockDocument:
    return adjust(
        location=shop.s1,
        variant=shop.variants["A"],
        quantity=Decimal(str(quantity)),
        reason=reason,
        actor="test",
        **{"reference": "", **more},
    )


def there(shop: Shop) -> dict[str, int]:
    """What there is of A in S1 in each condition, as far as there is any."""
    rows = StockLevel.objects.filter(variant__sku="A", location=shop.s1).exclude(on_hand=0)
    return {condition: int(on_hand) for condition, on_hand in rows.values_list("condition", "on_hand")}


def test_every_reason_says_what_becomes_of_the_goods():
    assert sorted(Reason) == sorted([*GAINS, *LOSSES, *BECOMES])


@pytest.mark.parametrize("reason", sorted(set(BECOMES) - {Reason.SOUND}))
def test_goods_in_another_condition_are_there_and_not_for_sale(shop, reason):
    # when
    document = put(shop, reason, 3)
    # then
    assert there(shop) == {"saleable": 7, BECOMES[reason]: 3}
    assert (document.kind, document.reason) == ("adjustment", reason)
    assert availability(Question(["A"], limit=5))["A"].here[0].free == 7000
    assert standing_of(shop.variants["A"], store=shop.s1).on_hand_here == 7
    assert nothing_differs()
    # when they are good again
    put(shop, Reason.SOUND, 3, source=BECOMES[reason])
    # then
    assert there(shop) == {"saleable": 10}
    assert nothing_differs()


@pytest.mark.parametrize("reason", sorted(LOSSES))
def test_what_is_gone_leaves_the_ledger_with_its_reason(shop, reason):
    document = book(shop, reason, 4)
    assert there(shop) == {"saleable": 6}
    assert StockMovement.objects.get(cause_id=document.number).kind == "loss"
    assert nothing_differs()


def test_what_is_found_is_there_in_the_condition_it_was_found_in(shop):
    book(shop, Reason.FOUND, 2, condition=Condition.DAMAGED)
    assert there(shop) == {"saleable": 10, "damaged": 2}
    assert nothing_differs()


def test_a_loss_of_promised_goods_is_a_fact_and_asks_the_store_to_look(shop):
    # given
    shop.post("orders/", shop.order_body(("A", 9)))
    # when
    book(shop, Reason.STOLEN, 3)
    # then
    level = shop.stock("A")
    assert (level.on_hand, level.reserved, level.oversold) == (7, 9, 2)
    assert StoreTask.objects.open().get().quantity == 2
    # and so is damage
    put(shop, Reason.DAMAGED, 1)
    assert shop.stock("A").oversold == 3
    assert nothing_differs()


def test_only_what_nobody_was_promised_goes_on_display(shop):
    shop.post("orders/", shop.order_body(("A", 9)))
    with translation.override("en"), pytest.raises(NotSoMany, match="only 1 here that nobody was promised"):
        put(shop, Reason.DISPLAY, 2)  # (the request before ended in a language of its own)
    assert there(shop) == {"saleable": 10}
    put(shop, Reason.DISPLAY, 1)
    assert there(shop) == {"saleable": 9, "display": 1}


@pytest.mark.usefixtures("in_english")
def test_no_other_condition_goes_below_nothing(shop):
    put(shop, Reason.DAMAGED, 2)
    with pytest.raises(NotSoMany, match="Damaged: only 2 here"):
        put(shop, Reason.SOUND, 3, source=Condition.DAMAGED)
    with pytest.raises(NotSoMany, match="On display: only 0 here"):
        book(shop, Reason.LOST, 1, condition=Condition.DISPLAY)
    assert there(shop) == {"saleable": 8, "damaged": 2}
    assert StockDocument.objects.filter(kind="adjustment").count() == 1


def test_a_reference_is_booked_once_whatever_it_says(shop):
    first = put(shop, Reason.DAMAGED, 2, reference="form-1")
    assert put(shop, Reason.DAMAGED, 2, reference="form-1") == first
    assert book(shop, Reason.LOST, 5, reference="form-1") == first
    assert there(shop) == {"saleable": 8, "damaged": 2}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda shop: put(shop, Reason.LOST), "wrong_reason"),
        (lambda shop: put(shop, "nonsense"), "wrong_reason"),
        (lambda shop: book(shop, Reason.DISPLAY), "wrong_reason"),
        (lambda shop: put(shop, Reason.DAMAGED, source="damaged"), "same_condition"),
        (lambda shop: put(shop, Reason.DAMAGED, source="in_transit"), "on_its_way"),
        (lambda shop: book(shop, Reason.LOST, condition="in_transit"), "on_its_way"),
        (lambda shop: book(shop, Reason.LOST, 0), "quantity"),
        (lambda shop: book(shop, Reason.LOST, "NaN"), "quantity"),
        (lambda shop: book(shop, Reason.LOST, "0.5"), "fraction"),
    ],
)
def test_what_makes_no_sense_is_refused(shop, act, code):
    with pytest.raises(InvalidInput) as refused:
        act(shop)
    assert refused.value.code == code
    assert there(shop) == {"saleable": 10}


def test_two_who_take_the_last_damaged_piece_take_it_once(transactional_db):
    # given
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    put(shop, Reason.DAMAGED, 1)

    def take(n: int) -> str:
        try:
            book(shop, Reason.BROKEN, condition=Condition.DAMAGED, reference=f"twin-{n}")
        except NotSoMany:
            return "refused"
        finally:
            connection.close()
        return "taken"

    # when
    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(take, range(8)))
    # then
    assert outcomes == ["refused"] * 7 + ["taken"]
    assert there(shop) == {"saleable": 9}
    assert nothing_differs()


# --- pages ------------------------------------------------------------------------------------------------------------


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def form(**given: Any) -> dict[str, Any]:
    usual = {
        "token": "0192d0a0-0000-7000-8000-000000000001",
        "location": "S1",
        "reason": "damaged",
        "quantity": "2",
        "condition": "saleable",
        "note": "",
    }
    return usual | given


def test_stock_is_corrected_on_its_page_and_the_document_says_why(shop):
    # given
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    assert "Saleable, 10 here" in text(client.get("/stock/of/A/correct/?quantity=2"))
    assert 'value="2"' in text(client.get("/stock/of/A/correct/?quantity=2"))
    # when, twice: the form was sent again
    for _time in range(2):
        answer = client.post("/stock/of/A/correct/", form(note="Fell off the ladder"))
        assert answer.status_code == 302
    # then
    assert there(shop) == {"saleable": 8, "damaged": 2}
    page = text(client.get(answer["Location"]))
    assert "is corrected: Damaged" in page
    assert "Not for sale" in page
    document = StockDocument.objects.get(kind="adjustment")
    page = text(client.get(document.get_absolute_url()))
    assert "from Saleable to Damaged" in page
    assert "Fell off the ladder" in text(client.get(f"{document.get_absolute_url()}?part=audit"))
    listed = text(client.get("/stock/documents/?reason=damaged"))
    assert document.number in listed
    assert document.number not in text(client.get("/stock/documents/?reason=lost"))


def test_what_is_refused_stands_on_the_form(shop):
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    answer = client.post("/stock/of/A/correct/", form(reason="lost", condition="quality"))
    assert answer.status_code == 409
    assert "Quality control: only 0 here" in text(answer)


def test_nobody_corrects_the_stock_of_another_store(shop):
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    assert client.post("/stock/of/A/correct/", form(location="S2")).status_code == 422
    assert not StockDocument.objects.filter(kind="adjustment").exists()


def test_a_scanned_product_is_corrected_by_as_many_as_were_scanned(shop):
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    again = {"code": "A", "previous": "A", "times": "2"}
    assert "/stock/of/A/correct/?quantity=3" in text(client.post("/scan/", again))


def test_what_is_damaged_is_not_listed_as_free(shop):
    put(shop, Reason.DAMAGED, 10)
    client = browser(person("Bo Jansen", "store_manager", location=shop.s1))
    free = text(client.get("/stock/?changed=1&here=true&amount=free"))
    assert ("Product A" in free, "Product B" in free) == (False, True)
    assert "Product A" in text(client.get("/stock/?view=damaged"))
