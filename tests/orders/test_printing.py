"""Paper for orders: the pick list, and the slip in the parcel or the bag."""

import re

from apps.orders.models import Parcel, ParcelLine, ParcelStatus
from apps.orders.services.fulfilling import pick
from tests.orders.counter import order_of, text_of
from tests.staff import browser


def test_the_printed_pick_list_has_each_order_with_its_code_and_lines(shop, associate, stranger):
    order = order_of(shop, ("A", 2), ("B", 1))
    page = text_of(browser(associate).get("/orders/pick/print/"))
    assert f'role="img" aria-label="{order.number}"' in page
    assert page.count('class="tick"') == 2
    assert order.number not in text_of(browser(stranger).get("/orders/pick/print/"))


def test_a_packing_slip_says_what_is_in_it_in_the_language_of_the_shop_and_no_price(shop, associate):
    # given an order of which a piece was called off
    order = order_of(shop, ("A", 2), ("B", 1))
    pick(number=order.number, actor="test")
    # when somebody with English pages prints the slip
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}packing-slip/"))
    slip = page[page.index("<article") : page.index("</article>")]
    # then it is Dutch, as the webshop is
    assert "Pakbon" in slip
    assert 'lang="nl"' in slip
    assert ("Product A" in slip, "Product B" in slip) == (True, True)
    assert f'aria-label="{order.number}"' in slip
    assert "10,00" not in slip
    assert "€" not in slip


def test_of_a_line_that_has_gone_in_part_the_slip_says_what_still_goes(shop, associate):
    order = order_of(shop, ("A", 2), ("B", 1))
    pick(number=order.number, actor="test")
    half = Parcel.objects.create(number="P1", order=order, location=shop.s1, status=ParcelStatus.LEFT)
    ParcelLine.objects.create(parcel=half, order_line=order.lines.get(line=1), quantity=1)
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}packing-slip/"))
    assert re.findall(r'<td class="num">(.*?)</td>', page) == ["1", "1"]


def test_what_lies_elsewhere_is_not_on_the_slip_but_named_below(shop, associate):
    order = order_of(shop, ("A", 2), ("B", 1))
    order.lines.filter(line=2).update(location=shop.s2)
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}packing-slip/"))
    table, below = page[page.index("<table") : page.index("</table>")], page[page.index("</table>") :]
    assert ("Product A" in table, "Product B" in table) == (True, False)
    assert "Product B" in below


def test_a_packing_slip_names_the_customer_and_the_store(shop, associate):
    order = order_of(shop, ("A", 1))
    page = text_of(browser(associate).get(f"{order.get_absolute_url()}packing-slip/"))
    assert "<address>Jan<br>Utrecht</address>" in page
