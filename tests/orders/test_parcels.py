"""Parcels: several for an order, each with its number, its way and its mail."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.core.errors import InvalidInput
from apps.core.events.models import Event
from apps.core.events.subscribers import catch_up
from apps.messages.models import Message
from apps.orders.letters import parcel_notices
from apps.orders.models import Order, Parcel
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import pick
from apps.orders.services.packing import Packed, pack, still_to_pack, unpack
from apps.orders.services.shipping import let_leave, ship
from apps.orders.services.types import WrongState
from tests.orders.counter import order_of, text_of
from tests.shop import Shop, nothing_differs
from tests.staff import browser

ADDRESS = {"postcode": "3511AB", "house_number": "1", "street": "Straat", "city": "Utrecht"}


def picked(shop: Shop, *lines: tuple[str, Any]) -> Order:
    """An order that S1 sends, with everything in somebody's hands."""
    shop.sends(shop.s1)
    order = order_of(shop, *lines, fulfilment={"method": "delivery", "address": ADDRESS})
    return pick(number=order.number, actor="t")


def put(order: Order, packed: Packed | None = None, **contents: int) -> Parcel:
    """put(order, line1=2): a parcel with two of line 1."""
    chosen = {int(name.removeprefix("line")): Decimal(q) for name, q in contents.items()} or None
    [parcel] = pack(number=order.number, packed=packed or Packed(contents=chosen), actor="t")
    return parcel


def statuses(order: Order) -> list[str]:
    return list(order.lines.order_by("line").values_list("status", flat=True))


def test_sending_without_a_word_is_one_parcel_with_everything(shop):
    order = picked(shop, ("A", 2), ("B", 1))
    assert ship(number=order.number, actor="t").status == "shipped"
    parcel = Parcel.objects.get()
    assert (parcel.status, parcel.carrier, parcel.location) == ("left", "manual", shop.s1)
    assert [(part.order_line.line, part.quantity) for part in parcel.lines.all()] == [(1, 2), (2, 1)]
    ship(number=order.number, actor="t")
    assert Parcel.objects.count() == 1


def test_parcels_of_an_order_leave_on_their_own(shop):
    # given
    order = picked(shop, ("A", 2), ("B", 1))
    first, second = put(order, line1=2), put(order, line2=1)
    # when
    let_leave(number=first.number, actor="t")
    # then
    assert statuses(order) == ["shipped", "picking"]
    assert (shop.stock("A").on_hand, shop.stock("B").on_hand) == (8, 10)
    let_leave(number=first.number, actor="t")
    assert Event.objects.filter(topic="order.parcel_left").count() == 1
    assert let_leave(number=second.number, actor="t").status == "shipped"
    assert nothing_differs()


def test_a_line_in_two_parcels_has_gone_with_the_last(shop):
    order = picked(shop, ("A", 3))
    first, second = put(order, line1=1), put(order)
    let_leave(number=first.number, actor="t")
    assert (statuses(order), shop.stock("A").on_hand) == (["picking"], 10)
    let_leave(number=second.number, actor="t")
    assert (statuses(order), shop.stock("A").on_hand) == (["shipped"], 7)
    assert Event.objects.filter(topic="order.fulfilled").count() == 1
    assert nothing_differs()


@pytest.mark.parametrize("contents", [{1: Decimal(3)}, {1: Decimal(-1)}, {7: Decimal(1)}])
def test_no_more_is_packed_than_there_is(shop, contents):
    order = picked(shop, ("A", 2))
    with pytest.raises(InvalidInput):
        pack(number=order.number, packed=Packed(contents=contents), actor="t")
    with pytest.raises(InvalidInput):
        pack(number=order.number, packed=Packed(carrier="nobody"), actor="t")
    put(order)
    with pytest.raises(WrongState):
        put(order)
    assert Parcel.objects.count() == 1


def test_what_is_unpacked_can_be_packed_anew(shop):
    order = picked(shop, ("A", 2))
    parcel = put(order)
    unpack(number=parcel.number, actor="t")
    unpack(number=parcel.number, actor="t")
    with pytest.raises(WrongState):
        let_leave(number=parcel.number, actor="t")
    other = put(order)
    let_leave(number=other.number, actor="t")
    with pytest.raises(WrongState):
        unpack(number=other.number, actor="t")
    assert statuses(order) == ["shipped"]


def test_a_line_that_is_called_off_or_put_back_takes_its_parcel_with_it(shop):
    order = picked(shop, ("A", 2), ("B", 1))
    both = put(order)
    cancel(number=order.number, line_numbers={2}, actor="t")
    both.refresh_from_db()
    assert both.status == "unpacked"
    again = put(order)
    pick(number=order.number, quantities={1: Decimal(1)}, actor="t")
    again.refresh_from_db()
    assert again.status == "unpacked"
    pick(number=order.number, actor="t")
    assert still_to_pack(list(order.lines.all())) == {1: Decimal(2)}
    assert ship(number=order.number, actor="t").status == "shipped"
    assert shop.stock("B").on_hand == 10


def test_the_customer_is_mailed_of_each_parcel_with_its_number(shop):
    order = picked(shop, ("A", 2), ("B", 1))
    known = Packed(
        service="PostNL", tracking_number="3SABC", tracking_url="https://t.example/3SABC", contents={1: Decimal(2)}
    )
    let_leave(number=put(order, known).number, actor="t")
    catch_up(names={"orders.tell_shipped"})
    mail = Message.objects.get(template="order_shipped")
    assert "2 × Product A" in mail.body
    assert "Product B" not in mail.body
    assert all(part in mail.body for part in ("PostNL", "3SABC", "https://t.example/3SABC"))
    ship(number=order.number, actor="t")
    catch_up(names={"orders.tell_shipped"})
    assert Message.objects.filter(template="order_shipped").count() == 2


def test_the_mail_of_a_parcel_writes_figures_in_its_own_language(shop):
    # given
    order = picked(shop, ("A", 2))
    let_leave(number=put(order).number, actor="t")
    event = Event.objects.get(topic="order.parcel_left")
    event.payload["lines"][0]["quantity"] = "1.5"
    # when the worker works in another language
    with translation.override("nl"):
        shop.web.locale = "en-GB"
        shop.web.save()
        english = parcel_notices([event])[0].context["lines"][0]["quantity"]
    with translation.override("en"):
        shop.web.locale = "nl-NL"
        shop.web.save()
        dutch = parcel_notices([event])[0].context["lines"][0]["quantity"]
    # then
    assert (english, dutch) == ("1.5", "1,5")


# --- pages -------------------------------------------------------------------------------------------------------------


def test_a_store_packs_two_parcels_prints_a_label_and_says_what_left(shop, associate):
    # given
    order = picked(shop, ("A", 2), ("B", 1))
    here, client = order.get_absolute_url(), browser(associate)
    # when the first is packed only
    packed = {"line-1": "2", "line-2": "0", "service": "PostNL", "weight": "750", "pack": "1"}
    page = text_of(client.post(f"{here}ship/", packed, follow=True))
    # then
    [parcel] = Parcel.objects.all()
    assert parcel.number in page
    assert "In the next parcel" in page
    assert (parcel.status, parcel.weight, parcel.service) == ("booked", 750, "PostNL")
    label = text_of(client.get(f"{here}parcels/{parcel.number}/label/"))
    assert "Straat 1" in label
    assert "<svg" in label
    # when its number is known and it leaves
    client.post(f"{here}parcels/{parcel.number}/tracking/", {"tracking_number": "3SABC", "service": "PostNL"})
    assert f"{parcel.number} is on its way" in text_of(client.post(f"{here}parcels/{parcel.number}/left/", follow=True))
    assert client.get(f"{here}parcels/{parcel.number}/label/").status_code == 404
    # and the rest goes with one press
    client.post(f"{here}ship/", {"service": "DHL", "tracking_number": "JD1"})
    assert statuses(order) == ["shipped", "shipped"]
    page = text_of(client.get(here))
    assert "3SABC" in page
    assert "JD1" in page


def test_a_page_that_packs_too_much_says_which_line(shop, associate):
    order = picked(shop, ("A", 2), ("B", 1))
    answer = browser(associate).post(f"{order.get_absolute_url()}ship/", {"line-1": "5"})
    assert answer.status_code == 400
    assert "Product A" in text_of(answer)
    assert not Parcel.objects.exists()


def test_another_stores_parcel_is_not_there(shop, associate, stranger):
    order = picked(shop, ("A", 1))
    parcel = put(order)
    page = f"{order.get_absolute_url()}parcels/{parcel.number}/left/"
    assert browser(stranger).post(page).status_code == 404
    other = put(picked(shop, ("B", 1)))
    assert browser(associate).post(page.replace(parcel.number, other.number)).status_code == 404
    assert statuses(order) == ["picking"]


def test_the_number_of_queries_does_not_grow_with_parcels(shop, associate):
    order = picked(shop, ("A", 5), ("B", 1))
    client, here = browser(associate), order.get_absolute_url()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    put(order, line1=1)
    few = [queries(here), queries(f"{here}ship/")]
    for _n in range(3):
        put(order, line1=1)
    assert [queries(here), queries(f"{here}ship/")] == few


# --- API ---------------------------------------------------------------------------------------------------------------


def test_an_app_tells_of_its_parcels_and_reads_them(shop, key_of):
    # given
    order, key = picked(shop, ("A", 2), ("B", 1)), key_of(shop.s1)
    first = {"service": "PostNL", "tracking_number": "3S1", "lines": [{"line": 1, "quantity": "2"}], "weight": 500}
    # when
    answer = shop.post(f"orders/{order.number}/ship/", {"parcels": [first]}, api_key=key).json()
    # then what no parcel holds stays
    assert [line["status"] for line in answer["lines"]] == ["shipped", "picking"]
    [told] = answer["parcels"]
    assert (told["tracking_number"], told["status"], told["weight"]) == ("3S1", "left", 500)
    assert told["lines"] == [{"line": 1, "quantity": "2"}]
    assert shop.post(f"orders/{order.number}/ship/", api_key=key).json()["status"] == "shipped"
    assert len(shop.get(f"orders/{order.number}/").json()["parcels"]) == 2


@pytest.mark.parametrize(
    "parcel",
    [
        {"tracking_url": "javascript:alert(1)"},
        {"carrier": "nobody"},
        {"lines": [{"line": 1, "quantity": "9"}]},
        {"lines": [{"line": 1, "quantity": "1"}, {"line": 1, "quantity": "2"}]},
    ],
)
def test_an_app_that_tells_nonsense_sends_nothing(shop, key_of, parcel):
    order = picked(shop, ("A", 2))
    answer = shop.post(f"orders/{order.number}/ship/", {"parcels": [parcel]}, api_key=key_of(shop.s1))
    assert answer.status_code == 400
    assert not Parcel.objects.exists()


@pytest.mark.parametrize("step", ["pack", "ship"])
def test_one_number_is_not_for_parcels_in_several_places(shop, step):
    # given: a key for every location, and an order that two of them send
    order = picked(shop, ("A", 1), ("B", 1))
    order.lines.filter(line=2).update(location=shop.s2)
    one = {"tracking_number": "3S1", "weight": 500}
    # when
    answer = shop.post(f"orders/{order.number}/{step}/", {"parcels": [one]})
    # then
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "parcels.0.tracking_number")
    assert not Parcel.objects.exists()
    # and with its contents each has its own
    each = [one | {"tracking_number": f"3S{n}", "lines": [{"line": n, "quantity": "1"}]} for n in (1, 2)]
    assert shop.post(f"orders/{order.number}/pack/", {"parcels": each}).status_code == 200
    assert set(Parcel.objects.values_list("location__code", "tracking_number")) == {("S1", "3S1"), ("S2", "3S2")}
