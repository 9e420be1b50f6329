"""Where in a location goods lie, by the ledger: whatever is booked, places and the rest add up to what there is."""

import uuid
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import InvalidInput
from apps.inventory.models import Place, PlaceLevel, StockDocument, StockLevel, StockMovement, StoreTask
from apps.inventory.reconciling import place_differences
from apps.inventory.services.correcting import NotSoMany, adjust, change_condition
from apps.inventory.services.counting import book_count
from apps.inventory.services.places.moving import Carried, move_inside
from apps.inventory.services.places.noting import put_on_shelves
from apps.inventory.services.places.taking import Pile, taken_from
from apps.inventory.services.rebuilding import books_of, rebuild_level
from apps.inventory.services.recalls.starting import lift_recall, start_recall
from apps.inventory.services.recalls.taking_off import take_off
from apps.inventory.services.receiving import receive_goods
from tests.at_once import all_at_once
from tests.inventory.counting import sell
from tests.inventory.invariants import check_places
from tests.orders.counter import text_of
from tests.shop import Shop, nothing_differs, open_shop
from tests.staff import browser, person

KINDS = ("shelf", "bin", "stockroom", "quarantine", "staging")


@pytest.fixture
def shop(db):
    return furnished(open_shop())


def furnished(shop: Shop) -> Shop:
    """Ten in S1: four on the shelf, three in the stockroom, three on no place yet."""
    for code, kind in {"A-1": "shelf", "B-2": "bin", "M-1": "stockroom", "Q-1": "quarantine"}.items():
        Place.objects.create(location=shop.s1, code=code, kind=kind)
    shop.receive(shop.s1, A=10)
    put_on_shelves(
        location=shop.s1, lines=[(code, shop.variants["A"].pk, Decimal(n)) for code, n in (("A-1", 4), ("M-1", 3))]
    )
    return shop


def lies(shop: Shop, condition: str = "saleable") -> dict[str, int]:
    """What lies where of A in S1; "" is what lies on no place."""
    levels = PlaceLevel.objects.filter(location=shop.s1, variant=shop.variants["A"], condition=condition)
    found = {code: int(n) for code, n in levels.values_list("place__code", "quantity") if n}
    on_hand = StockLevel.objects.filter(location=shop.s1, variant=shop.variants["A"], condition=condition)
    rest = int(sum(on_hand.values_list("on_hand", flat=True))) - sum(found.values())
    return found | ({"": rest} if rest else {})


def carry(shop: Shop, quantity: int, source: str, target: str, **more) -> StockDocument:
    one = Carried(shop.variants["A"], Decimal(quantity), source, target, more.pop("condition", "saleable"))
    usual = {"location": shop.s1, "reference": uuid.uuid4().hex, "actor": "test"}
    return move_inside(**{**usual, "carried": [one], **more})


# --- the rule


@given(
    piles=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 9)), max_size=6),
    out=st.integers(0, 40),
    on_hand=st.integers(-9, 40),
    known=st.dictionaries(st.integers(0, 5), st.integers(1, 9)),
)
def test_the_rule_takes_no_more_than_lies_there_and_leaves_no_more_than_there_is(piles, out, on_hand, known):
    lying = [Pile(n, f"P{n}", kind, Decimal(q)) for n, (kind, q) in enumerate(piles)]
    leaves = {"out": Decimal(out), "on_hand": Decimal(on_hand), "known": {k: Decimal(q) for k, q in known.items()}}
    # when
    taken = taken_from(lying, **leaves)
    # then
    assert taken == taken_from(lying[::-1], **leaves)
    left = {pile.place_id: pile.quantity - taken.get(pile.place_id, 0) for pile in lying}
    assert all(quantity >= 0 for quantity in left.values())
    assert sum(left.values()) <= max(on_hand, 0)
    # the shelves are empty before anything comes from elsewhere that nobody said
    behind = [pile.place_id for pile in lying if pile.kind in KINDS[2:]]
    if any(taken.get(place_id, 0) > known.get(place_id, 0) for place_id in behind):
        assert all(not quantity for place_id, quantity in left.items() if place_id not in behind)


def test_customers_take_from_the_shelf_then_what_lies_nowhere_then_the_stockroom(shop):
    sell(shop, "A", 2)
    assert lies(shop) == {"A-1": 2, "M-1": 3, "": 3}
    sell(shop, "A", 4)
    assert lies(shop) == {"M-1": 3, "": 1}
    sell(shop, "A", 3)
    assert lies(shop) == {"M-1": 1}
    # more than there was: no sale is refused, and no place goes below nothing
    sell(shop, "A", 4)
    assert lies(shop) == {"": -3}
    assert nothing_differs()


def test_the_ledger_says_which_place_a_sale_came_from_beside_the_sale(shop):
    sell(shop, "A", 8)
    sale = StockMovement.objects.get(kind="sale")
    rows = StockMovement.objects.filter(cause_type="till_ticket", cause_id=sale.cause_id, kind="by_rule")
    assert sorted(rows.values_list("from_place__code", "to_place", "quantity")) == [("A-1", None, 4), ("M-1", None, 1)]
    assert sale.quantity == 8


# --- what people carry


def test_goods_that_only_move_inside_leave_the_stock_level_as_it_is(shop):
    before = StockLevel.objects.get(location=shop.s1, variant__sku="A")
    document = carry(shop, 3, "", "B-2")
    assert lies(shop) == {"A-1": 4, "B-2": 3, "M-1": 3}
    after = StockLevel.objects.get(location=shop.s1, variant__sku="A")
    assert (after.on_hand, after.changed_at) == (before.on_hand, before.changed_at)
    assert (document.kind, document.reason) == ("placing", "put_away")
    assert nothing_differs()


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [("M-1", "a-1", "replenished"), ("A-1", "Q-1", "set_apart"), ("A-1", "M-1", "moved"), ("A-1", "", "moved")],
)
def test_why_it_was_carried_follows_from_the_places(shop, source, target, reason):
    assert carry(shop, 1, source, target).reason == reason


@pytest.mark.parametrize(
    ("quantity", "source", "target", "code"),
    [
        (5, "A-1", "B-2", "not_so_many"),
        (4, "", "B-2", "not_so_many"),
        (1, "B-2", "A-1", "not_so_many"),
        (1, "A-1", "Z-9", "unknown_place"),
        (1, "A-1", "A-1", "same_place"),
        (0, "A-1", "B-2", "quantity"),
    ],
)
def test_what_is_not_there_is_not_carried(shop, quantity, source, target, code):
    with pytest.raises((NotSoMany, InvalidInput)) as refused:
        carry(shop, quantity, source, target)
    assert refused.value.code == code
    assert lies(shop) == {"A-1": 4, "M-1": 3, "": 3}
    assert StockDocument.objects.filter(kind="placing", reference__gt="").count() == 0


def test_carrying_the_same_again_changes_nothing(shop):
    first = carry(shop, 2, "M-1", "A-1", reference="form-1")
    again = carry(shop, 2, "M-1", "A-1", reference="form-1")
    assert again == first
    assert lies(shop) == {"A-1": 6, "M-1": 1, "": 3}


def test_two_lines_do_not_carry_the_same_pieces(shop):
    two = [Carried(shop.variants["A"], Decimal(2), "A-1", target) for target in ("B-2", "M-1")]
    carry(shop, 0, "", "", carried=two)
    assert lies(shop) == {"B-2": 2, "M-1": 5, "": 3}
    three = [Carried(shop.variants["A"], Decimal(2), "", target) for target in ("B-2", "M-1")]
    with pytest.raises(NotSoMany):
        carry(shop, 0, "", "", carried=three)


@pytest.mark.django_db(transaction=True)
def test_people_and_tills_at_once_take_no_place_below_nothing():
    shop = furnished(open_shop())
    acts = [lambda: carry(shop, 1, "A-1", "M-1") for _ in range(4)] + [lambda: sell(shop, "A", 1) for _ in range(4)]
    outcome = all_at_once(acts)
    assert sum(outcome.values()) == 8
    assert set(outcome) <= {"done", "not_so_many"}
    check_places()
    assert nothing_differs()
    assert shop.stock("A").on_hand == 6


# --- what comes in, changes its condition, is counted


def test_a_delivery_is_put_on_its_shelf_by_the_receipt_itself(shop):
    receive_goods(
        location=shop.s1,
        lines=[(shop.variants["A"].pk, Decimal(5))],
        reference="LV-1",
        occurred_at=timezone.now(),
        actor="test",
        shelves={shop.variants["A"].pk: "N-7"},
    )
    assert lies(shop) == {"A-1": 4, "M-1": 3, "N-7": 5, "": 3}
    assert StockMovement.objects.get(to_place__code="N-7").kind == "receipt"


def test_a_code_is_the_same_place_in_any_case(shop):
    a = shop.variants["A"]
    receive_goods(
        location=shop.s1,
        lines=[(a.pk, Decimal(2))],
        reference="box",
        occurred_at=timezone.now(),
        actor="test",
        shelves={a.pk: " a-1"},
    )
    assert lies(shop) == {"A-1": 6, "M-1": 3, "": 3}
    count(shop, a_1=1, A_1=1, n_1=1)
    assert lies(shop) == {"A-1": 2, "N-1": 1}
    carry(shop, 1, "a-1", "m-1")
    assert lies(shop) == {"A-1": 1, "M-1": 1, "N-1": 1}
    # and the database holds whoever writes it to that
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(location=shop.s1, code="a-1", kind="shelf")


def test_what_comes_in_of_goods_that_were_sold_before_has_gone_from_its_shelf(shop):
    sell(shop, "A", 12)
    receive_goods(
        location=shop.s1,
        lines=[(shop.variants["A"].pk, Decimal(5))],
        reference="LV-1",
        occurred_at=timezone.now(),
        actor="test",
        shelves={shop.variants["A"].pk: "A-1"},
    )
    assert lies(shop) == {"A-1": 3}
    assert nothing_differs()


def test_what_is_put_into_another_condition_stays_where_it_lay(shop):
    change_condition(
        location=shop.s1,
        variant=shop.variants["A"],
        quantity=Decimal(5),
        source="saleable",
        reason="damaged",
        reference="x",
        actor="test",
    )
    assert (lies(shop), lies(shop, "damaged")) == ({"M-1": 3, "": 2}, {"A-1": 4, "": 1})
    carry(shop, 4, "A-1", "Q-1", condition="damaged")
    assert lies(shop, "damaged") == {"Q-1": 4, "": 1}
    assert nothing_differs()


def test_goods_that_are_for_sale_again_lie_nowhere_as_far_as_they_were_sold_already(shop):
    # given: all ten lie on places and are looked at more closely, and a till sells two all the same
    put_on_shelves(location=shop.s1, lines=[("B-2", shop.variants["A"].pk, Decimal(3))])
    about = {"location": shop.s1, "variant": shop.variants["A"], "quantity": Decimal(10), "actor": "test"}
    change_condition(source="saleable", reason="inspect", reference="x", **about)
    sell(shop, "A", 2)
    # when
    change_condition(source="quality", reason="sound", reference="y", **about)
    # then
    assert (lies(shop), lies(shop, "quality")) == ({"A-1": 2, "B-2": 3, "M-1": 3}, {})
    check_places()
    assert nothing_differs()


def test_what_is_recalled_lies_where_it_lay_until_somebody_takes_it_off(shop):
    recall = start_recall(variants=[shop.variants["A"]], why="x", advice="y", actor="test")
    assert (lies(shop), lies(shop, "quality")) == ({}, {"A-1": 4, "M-1": 3, "": 3})
    carry(shop, 4, "A-1", "Q-1", condition="quality")
    lift_recall(recall=recall, actor="test")
    assert lies(shop) == {"M-1": 3, "Q-1": 4, "": 3}
    assert nothing_differs()


def test_what_is_lost_comes_off_its_shelf(shop):
    about = {"location": shop.s1, "variant": shop.variants["A"], "actor": "test"}
    adjust(quantity=Decimal(3), reason="stolen", reference="x", **about)
    assert lies(shop) == {"A-1": 1, "M-1": 3, "": 3}


def count(shop: Shop, at=None, total: int | None = None, **shelves: int) -> StockDocument:
    on = {code.replace("_", "-"): Decimal(n) for code, n in shelves.items()}
    return book_count(
        location=shop.s1,
        counted={shop.variants["A"].pk: Decimal(sum(shelves.values()) if total is None else total)},
        shelves={shop.variants["A"].pk: on} if on else {},
        reference=uuid.uuid4().hex,
        counted_at=at or timezone.now(),
        actor="test",
    )


def test_a_count_by_shelf_says_all_about_shelves(shop):
    count(shop, A_1=2, B_2=6)
    assert lies(shop) == {"A-1": 2, "B-2": 6}
    assert shop.stock("A").on_hand == 8
    assert nothing_differs()


def test_what_was_sold_since_the_count_is_off_the_shelf_it_was_counted_on(shop):
    at = timezone.now()
    sell(shop, "A", 3)
    count(shop, at, A_1=5, M_1=5)
    assert lies(shop) == {"A-1": 2, "M-1": 5}
    assert nothing_differs()


def test_a_count_without_shelves_takes_what_is_missing_by_the_rule(shop):
    count(shop, total=5)
    assert lies(shop) == {"M-1": 3, "": 2}
    count(shop, total=1)
    assert lies(shop) == {"M-1": 1}


def test_what_another_count_took_off_a_shelf_since_is_not_taken_off_again(shop):
    # given: two of A-1 are gone; who counted last, without shelves, is booked first
    put_on_shelves(location=shop.s1, lines=[("A-1", shop.variants["A"].pk, Decimal(7))])
    before, after = timezone.now(), timezone.now()
    count(shop, after, total=8)
    assert lies(shop) == {"A-1": 5, "M-1": 3}
    # when
    count(shop, before, A_1=5, M_1=3)
    # then
    assert lies(shop) == {"A-1": 5, "M-1": 3}
    check_places()


def test_what_is_taken_off_lies_in_quarantine_and_its_shelf_is_told_before(shop):
    start_recall(variants=[shop.variants["A"]], why="x", advice="y", actor="test")
    task = StoreTask.objects.get(kind="take_off")
    client = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    page = text_of(client.get(f"/stock/recalls/take-off/?task={task.pk}"))
    assert "A-1" in page
    assert "M-1" in page
    # when one of them is not there any more
    take_off(task=task, quantity=Decimal(9), actor="test")
    # then
    assert (lies(shop), lies(shop, "quality")) == ({}, {"Q-1": 9})
    assert nothing_differs()


# --- wrong figures, and what was noted before there was a ledger of places


def test_a_wrong_place_is_found_and_rebuilt_from_the_ledger(shop):
    PlaceLevel.objects.filter(place__code="A-1").update(quantity=9)
    PlaceLevel.objects.filter(place__code="M-1").delete()
    level = {"variant": shop.variants["A"], "location": shop.s1, "condition": "saleable", "owner": shop.franchisee}
    assert [(d.stored, d.ledger) for d in place_differences()] == [(9, 7)]
    assert books_of(**level).places == (("A-1", 9, 4), ("M-1", 0, 3))
    rebuild_level(**level)
    assert lies(shop) == {"A-1": 4, "M-1": 3, "": 3}
    assert nothing_differs()


def test_what_was_noted_before_keeps_its_figures_in_the_ledger(db):
    # given shelves as they were noted once: one with more on it than there is, one of what the location has not got
    shop = open_shop()
    shelf, spare = (Place.objects.create(location=shop.s1, code=code) for code in ("Z-1", "Z-2"))
    shop.receive(shop.s1, A=3)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE inventory_placelevel ALTER COLUMN owner_id DROP NOT NULL")
        for place, sku, quantity in ((shelf, "A", 5), (shelf, "B", 2), (spare, "A", 0)):
            cursor.execute(
                "INSERT INTO inventory_placelevel (place_id, location_id, variant_id, condition, quantity)"
                " VALUES (%s, %s, %s, 'saleable', %s)",
                [place.pk, shop.s1.pk, shop.variants[sku].pk, quantity],
            )
        # when
        cursor.execute(import_module("apps.inventory.migrations.0019_places_in_the_ledger").WRITE_DOWN)
    # then each figure is what it was
    figures = PlaceLevel.objects.values_list("place__code", "variant__sku", "quantity", "owner")
    owner = shop.franchisee.pk
    assert sorted(figures) == [("Z-1", "A", 5, owner), ("Z-1", "B", 2, owner), ("Z-2", "A", 0, owner)]
    assert nothing_differs()
    assert shop.stock("A").on_hand == 3
    # and the next sale takes off what is too much
    sell(shop, "A", 1)
    assert PlaceLevel.objects.get(place=shelf, variant__sku="A").quantity == 2
    assert nothing_differs()
