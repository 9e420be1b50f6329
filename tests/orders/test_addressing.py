"""A parcel goes to another address: until it is packed, in the same country, and the customer hears of it."""

import pytest

from apps.core.errors import InvalidInput
from apps.core.events.subscribers import catch_up
from apps.messages.models import Message
from apps.orders.addresses import PostalAddress, address_of
from apps.orders.models import NewAddress, Order
from apps.orders.services.addressing import change_address
from apps.orders.services.fulfilling import pick
from apps.orders.services.packing import Packed, pack, unpack
from apps.orders.services.shipping import ship
from apps.orders.services.types import WrongState
from tests.orders.counter import order_of, text_of
from tests.shop import Shop
from tests.staff import browser, person

JAN = {
    "email": "j.jansen@example.org",
    "first_name": "Jan",
    "last_name": "Jansen",
    "address": {"street": "Oudegracht", "postcode": "3511AB", "house_number": "12", "city": "Utrecht", "country": "NL"},
}
THERE = PostalAddress("Lange Poten", "7 bis", "2511 cl", "Den Haag", "NL")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.receive(shop.dc, A=5)
    return shop


@pytest.fixture
def order(shop: Shop) -> Order:
    return order_of(shop, ("A", 2), customer=JAN, fulfilment={"method": "delivery"})


def sent_to(order: Order) -> tuple[str, ...] | None:
    return address_of(Order.objects.get(pk=order.pk))


def test_what_is_still_to_be_sent_goes_to_the_new_address_and_the_customer_hears_of_it(shop, order):
    # when
    for _twice in range(2):
        change_address(number=order.number, address=THERE, actor="t")
    # then
    assert sent_to(order) == ("Lange Poten", "7 BIS", "2511CL", "Den Haag", "NL")
    assert NewAddress.objects.count() == 1
    catch_up(names={"orders.tell_readdressed"})
    (letter,) = Message.objects.filter(template="order_readdressed")
    assert "Lange Poten 7 BIS" in letter.body
    # and what was said at first is kept
    order.refresh_from_db()
    assert order.contact.postcode == "3511AB"


def test_the_label_is_for_the_new_address(shop, order):
    # given
    change_address(number=order.number, address=THERE, actor="t")
    pick(number=order.number, actor="t")
    # when
    (parcel,) = pack(number=order.number, packed=Packed(), actor="t")
    # then
    packer = browser(person("Bo Jansen", "store_associate", location=shop.dc))
    page = text_of(packer.get(f"/orders/{order.number}/parcels/{parcel.number}/label/"))
    assert "Lange Poten 7 BIS" in page
    assert "Oudegracht" not in page


def test_a_packed_parcel_is_unpacked_first_and_one_that_left_is_gone(shop, order):
    # given
    pick(number=order.number, actor="t")
    (parcel,) = pack(number=order.number, packed=Packed(), actor="t")
    # then
    with pytest.raises(WrongState):
        change_address(number=order.number, address=THERE, actor="t")
    # and when it is unpacked it can be changed, until it has left
    unpack(number=parcel.number, actor="t")
    change_address(number=order.number, address=THERE, actor="t")
    ship(number=order.number, actor="t")
    with pytest.raises(WrongState):
        change_address(number=order.number, address=THERE._replace(house_number="9"), actor="t")


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"postcode": "25111"}, "postcode"),
        ({"postcode": " "}, "postcode"),
        ({"house_number": ""}, "house_number"),
        ({"country": "BE", "postcode": "1000"}, "country"),
    ],
)
def test_what_is_no_address_here_is_refused_by_field(shop, order, wrong, where):
    with pytest.raises(InvalidInput) as refused:
        change_address(number=order.number, address=THERE._replace(**wrong), actor="t")
    assert refused.value.faults[0].attr == where
    assert sent_to(order)[2] == "3511AB"


def test_an_order_that_is_collected_goes_to_no_address(shop):
    shop.receive(shop.s1, A=1)
    with pytest.raises(WrongState):
        change_address(number=order_of(shop, ("A", 1), customer=JAN).number, address=THERE, actor="t")


def test_the_desk_changes_it_on_the_page_of_the_order(shop, order):
    # given
    client = browser(person("Ada Visser", "head_office"))
    path = f"/orders/{order.number}/address/"
    assert path in client.get(f"/orders/{order.number}/").content.decode()
    assert 'value="Oudegracht"' in client.get(path).content.decode()
    form = {"postcode": "2511cl", "house_number": "7", "street": "Lange Poten", "city": "Den Haag"}
    # when
    refused = client.post(path, form | {"postcode": "2511"})
    assert (refused.status_code, "four digits and two letters" in text_of(refused)) == (400, True)
    client.post(path, form)
    # then
    page = text_of(client.get(f"/orders/{order.number}/"))
    assert "Lange Poten 7" in page
    assert "Goes to another address" in page


def test_a_store_app_is_told_the_new_address(shop, key_of):
    shop.sends(shop.s1)
    order = order_of(shop, ("B", 1), customer=JAN, fulfilment={"method": "delivery"})
    change_address(number=order.number, address=THERE, actor="t")
    told = shop.get(f"orders/{order.number}/", api_key=key_of(shop.s1)).json()["ship_to"]
    assert (told["name"], told["street"], told["postcode"]) == ("Jan Jansen", "Lange Poten", "2511CL")
