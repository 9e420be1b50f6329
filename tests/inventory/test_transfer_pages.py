"""The pages of transfers: asking, packing, unpacking, the list, and who may do what."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.catalogue.models import Gtin
from apps.inventory.models import Transfer
from apps.inventory.services.places.noting import put_on_shelves
from apps.network.agreeing import agree_to_send, withdraw_consent
from tests.inventory.transfers import ask, levels, send
from tests.shop import Shop
from tests.staff import browser, person

FIRST = {"number_of_go": "1"}


@pytest.fixture
def here(shop: Shop) -> Client:
    """Somebody of S1, who is asked for goods."""
    return browser(person("Bo Jansen", "store_associate", location=shop.s1))


@pytest.fixture
def there(shop: Shop) -> Client:
    """Somebody of S2, who asks for them; S1 agreed that its goods are sent."""
    agree_to_send(location=shop.s1)
    return browser(person("Ans Visser", "store_associate", location=shop.s2))


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def request_form(**given: Any) -> dict[str, Any]:
    usual = {"token": "0192d0a0-0000-7000-8000-000000000001", "sender": "S1", "receiver": "S2", "goods": "A 3\nb\n"}
    return usual | given


# --- asking -----------------------------------------------------------------------------------------------------------


def test_goods_are_asked_for_as_a_scanner_types_them(shop, there):
    Gtin.objects.create(variant=shop.variants["A"], code="09520012345674")
    form = request_form(goods="A 2\n9520012345674\n\nB;1\n")
    for _time in range(2):
        answer = there.post("/stock/transfers/request/", form)
        assert answer.status_code == 302
    transfer = Transfer.objects.get()
    assert [(line.variant.sku, line.requested) for line in transfer.lines.all()] == [("A", 3), ("B", 1)]
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 3)
    page = text(there.get(answer["Location"]))
    assert "from Utrecht to Leiden" in page
    assert "Ans Visser" in page


def test_the_form_opens_with_what_the_address_proposes(shop, there):
    page = text(there.get("/stock/transfers/request/?sku=A&from=S1&quantity=4"))
    assert (
        '<option value="S1" selected>Utrecht, 42.9 km, 10 free' in page or '<option value="S1" selected>Utrecht' in page
    )
    assert "10 free" in page
    assert '<option value="S2" selected>Leiden' in page
    assert "A 4</textarea>" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"goods": "A 11\nB 2"}, "Product A: 10 free there, 11 asked for."),
        ({"goods": "A 1\nNOPE 2"}, "Line 2: “NOPE 2” is not known."),
        ({"goods": "A 1 2"}, "Line 1: “A 1 2” is not known."),
        ({"goods": "A 0,5"}, "This is sold by the piece."),
        ({"goods": "A 0"}, "A quantity is greater than zero."),
        ({"goods": " "}, "This field is required."),
        ({"sender": "S2"}, "Goods go from one location to another one."),
        ({"receiver": "DC"}, "One of the two must be a location of yours."),
        ({"sender": "NOPE"}, "choose one"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_nothing_is_set_aside(shop, there, change, said):
    answer = there.post("/stock/transfers/request/", request_form(**change))
    assert answer.status_code in {400, 409, 422}
    assert said in text(answer, answer.status_code)
    assert not Transfer.objects.exists()
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 0)


def test_a_store_sends_goods_away_on_its_own_account_too(shop, here):
    assert here.post("/stock/transfers/request/", request_form()).status_code == 302


def test_who_has_it_is_asked_for_it_from_its_page(shop, there):
    shop.receive(shop.s2, A=1)
    page = text(there.get("/stock/of/A/"))
    assert "/stock/transfers/request/?sku=A&amp;quantity=1&amp;from=S1" in page
    assert "from=S2" not in page
    office = browser(person("Mirjam Vos", "head_office"))
    assert "/stock/transfers/request/" not in text(office.get("/stock/of/A/"))


# --- packing and unpacking --------------------------------------------------------------------------------------------


def count(client: Client, transfer: Transfer, act: str, **given: Any) -> Any:
    return client.post(f"/stock/transfers/{transfer.number}/{act}/", given, headers={"HX-Request": "true"})


def test_pieces_are_counted_by_scanning_and_sent_off(shop, here):
    # given
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, 10)])
    transfer = ask(shop, A=2, B=1)
    assert "A-12-3" in text(here.get(f"/stock/transfers/{transfer.number}/send/"))
    # when
    assert "Product A: 1 counted" in text(count(here, transfer, "send", code="A"))
    assert "Product A: 2 counted" in text(count(here, transfer, "send", code="a"))
    # then what is too much, elsewhere or unknown is said, and counts nothing
    assert "Product A: only 2 asked for." in text(count(here, transfer, "send", code="A"))
    assert "This product is not on the transfer." in text(count(here, transfer, "send", code="C"))
    assert "Code 999 is not known here" in text(count(here, transfer, "send", code="999"))
    page = text(count(here, transfer, "send", line=2, picked=1))
    assert "2 of 2 counted" in page
    assert "Send it off" in page
    # when
    answer = here.post(f"/stock/transfers/{transfer.number}/sent/", FIRST | {"quantity-1": "2", "quantity-2": "1"})
    # then
    assert answer.status_code == 302
    assert levels(shop)[("S2", "in_transit", "F01")] == (2, 0)
    assert "There is nothing to count" in text(here.get(f"/stock/transfers/{transfer.number}/send/"))


def test_what_is_not_sent_asks_why(shop, here):
    # given
    transfer = ask(shop, A=2, B=1)
    count(here, transfer, "send", everything=1)
    count(here, transfer, "send", line=1, picked=1)
    # then
    page = text(here.get(f"/stock/transfers/{transfer.number}/sent/"))
    assert "reason-1" in page
    assert "reason-2" not in page
    # when
    form = FIRST | {"quantity-1": "1", "quantity-2": "1"}
    answer = here.post(f"/stock/transfers/{transfer.number}/sent/", form)
    assert "Say why the number differs." in text(answer, 422)
    answer = here.post(f"/stock/transfers/{transfer.number}/sent/", form | {"reason-1": "not_found"})
    # then
    assert answer.status_code == 302
    page = text(here.get(answer["Location"]))
    assert "Not found" in page
    assert "is on its way to Leiden" in page


def test_what_came_beyond_what_was_sent_is_counted_and_asks_why(shop, there):
    transfer = send(ask(shop, A=2))
    for _piece in range(3):
        page = text(count(there, transfer, "receive", code="A"))
    assert "Product A: 3 counted" in page
    assert "Receive what is counted" in page
    url = f"/stock/transfers/{transfer.number}/received/"
    assert "Say why the number differs." in text(there.post(url, FIRST | {"quantity-1": "3"}), 422)
    assert there.post(url, FIRST | {"quantity-1": "3", "reason-1": "miscounted"}).status_code == 302
    assert levels(shop)[("S2", "saleable", "OWN")] == (3, 0)
    # and again, as a thumb does
    assert there.post(url, FIRST | {"quantity-1": "3", "reason-1": "miscounted"}).status_code == 302
    assert levels(shop)[("S2", "saleable", "OWN")] == (3, 0)


def test_what_follows_later_stays_to_be_sent_and_both_ends_work_on_their_part(shop, here, there):
    # given
    transfer = ask(shop, A=3, B=1)
    url = f"/stock/transfers/{transfer.number}"
    # when: two of A go in the first box
    count(here, transfer, "send", line=1, picked=2)
    page = text(here.get(f"{url}/sent/"))
    assert "Follows later" in page
    form = FIRST | {"quantity-1": "2", "reason-1": "later", "quantity-2": "0", "reason-2": "later"}
    for _time in range(2):  # a thumb is quick
        assert here.post(f"{url}/sent/", form).status_code == 302
    # then: the rest is packed here while the first box is unpacked there
    page = text(here.get(f"{url}/"))
    assert "Pack and send" in page
    assert "Partly sent" in page
    assert f"{url}/slip/?go=1" in page
    assert "Do not send the rest" in text(here.get(f"{url}/cancel/"))
    slip = text(here.get(f"{url}/slip/?go=1"))
    assert ("Product A" in slip, "Product B" in slip, "part 1" in slip) == (True, False, True)
    page = text(here.get(f"{url}/send/"))
    assert "0 of 2 counted" in page
    assert 'data-wanted="1"' in page
    assert transfer.number in text(there.get("/stock/transfers/?view=receive"))
    assert transfer.number in text(here.get("/stock/transfers/"))
    assert there.post("/scan/", {"code": transfer.number})["Location"] == f"{url}/receive/"
    # when
    assert 'data-wanted="2"' in text(there.get(f"{url}/receive/"))
    assert there.post(f"{url}/received/", FIRST | {"quantity-1": "1", "reason-1": "later"}).status_code == 302
    # then a form that somebody else overtook is refused
    answer = there.post(f"{url}/received/", FIRST | {"quantity-1": "2"})
    assert "booked meanwhile" in text(answer, answer.status_code)
    # when the rest goes, and comes
    assert here.post(f"{url}/sent/", {"number_of_go": "2", "quantity-1": "1", "quantity-2": "1"}).status_code == 302
    assert (
        there.post(f"{url}/received/", {"number_of_go": "2", "quantity-1": "2", "quantity-2": "1"}).status_code == 302
    )
    # then
    page = text(there.get(f"{url}/"))
    assert "Received, part 2: 3" in page
    assert levels(shop)[("S2", "saleable", "OWN")] == (3, 0)


@pytest.mark.parametrize(
    "given", [{"line": "x", "picked": "1"}, {"line": "1", "picked": "-1"}, {"line": "1"}, {"line": "9", "picked": "1"}]
)
def test_a_count_that_says_nothing_is_refused(shop, here, given):
    transfer = ask(shop, A=2)
    assert here.post(f"/stock/transfers/{transfer.number}/send/", given).status_code == 400


def test_without_scripts_a_scan_answers_with_the_whole_page(shop, here):
    transfer = ask(shop, A=2)
    page = text(here.post(f"/stock/transfers/{transfer.number}/send/", {"code": "A"}))
    assert "<html" in page
    assert "Product A: 1 counted" in page


def test_each_end_does_its_own_part(shop, here, there):
    # given
    transfer = ask(shop, A=2)
    url = f"/stock/transfers/{transfer.number}"
    # then
    assert "Pack and send" in text(here.get(f"{url}/"))
    assert "Pack and send" not in text(there.get(f"{url}/"))
    assert [there.get(f"{url}/{act}/").status_code for act in ("send", "sent")] == [404, 404]
    assert [here.get(f"{url}/{act}/").status_code for act in ("receive", "received")] == [404, 404]
    send(transfer)
    assert "Unpack and receive" in text(there.get(f"{url}/"))
    assert "Unpack and receive" not in text(here.get(f"{url}/"))


def test_either_end_calls_it_off_with_a_reason(shop, there):
    transfer = ask(shop, A=2)
    url = f"/stock/transfers/{transfer.number}/cancel/"
    assert there.post(url).status_code == 422
    assert there.post(url, {"reason": "Came in from the supplier"}).status_code == 302
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 0)
    assert "Came in from the supplier" in text(there.get(f"/stock/transfers/{transfer.number}/?part=audit"))
    assert "This transfer was cancelled." in text(there.get(f"/stock/transfers/{transfer.number}/"))


# --- the list, the day, the scan box, paper ---------------------------------------------------------------------------


def test_the_list_says_what_is_to_send_and_to_receive(shop, here, there):
    asked, coming = ask(shop, A=2), send(ask(shop, B=1))
    assert (asked.number in (page := text(here.get("/stock/transfers/"))), coming.number in page) == (True, False)
    page = text(there.get("/stock/transfers/?view=receive"))
    assert (asked.number in page, coming.number in page) == (False, True)
    assert asked.number in text(there.get("/stock/transfers/?view=all&sender=Utre"))
    assert asked.number not in text(there.get("/stock/transfers/?view=all&sender=Leiden"))
    stranger = browser(person("Kees Bos", "store_associate", location=shop.dc))
    assert asked.number not in text(stranger.get("/stock/transfers/?view=all"))
    assert stranger.get(asked.get_absolute_url()).status_code == 404


def test_the_number_of_queries_does_not_grow(shop):
    client = browser(person("Mirjam Vos", "head_office"))
    ask(shop, A=1)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get("/stock/transfers/?view=all").status_code == 200
        return len(counted)

    queries()
    few = queries()
    for _n in range(8):
        ask(shop, A=1, B=1)
    assert queries() == few


def test_one_transfer_with_many_goods_costs_no_more_queries(shop, here):
    def queries(transfer: Transfer, act: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            assert here.get(f"/stock/transfers/{transfer.number}/{act}").status_code == 200
        return len(counted)

    one, many = ask(shop, A=1), ask(shop, A=1, B=1, C=1)
    for act in ("", "send/", "sent/", "slip/"):
        queries(one, act)
        assert queries(one, act) == queries(many, act), act


def test_what_is_to_send_and_to_receive_stands_on_the_day_page(shop, here, there):
    asked, coming = ask(shop, A=2), send(ask(shop, B=1))
    assert f"/stock/transfers/{asked.number}/send/" in text(here.get("/"))
    page = text(there.get("/"))
    assert f"/stock/transfers/{coming.number}/receive/" in page
    assert asked.number not in page


def test_the_slip_is_scanned_where_the_goods_come_in(shop, here, there):
    transfer = send(ask(shop, A=2))
    answer = there.post("/scan/", {"code": transfer.number.lower()})
    assert answer["Location"] == f"/stock/transfers/{transfer.number}/receive/"
    assert here.post("/scan/", {"code": transfer.number})["Location"] == f"/stock/transfers/{transfer.number}/"
    stranger = browser(person("Kees Bos", "store_associate", location=shop.dc))
    assert "is not known here" in text(stranger.post("/scan/", {"code": transfer.number}))


def test_the_slip_says_where_to_find_it_until_it_is_packed(shop, here):
    put_on_shelves(location=shop.s1, lines=[("A-12-3", shop.variants["A"].pk, 10)])
    transfer = ask(shop, A=2, B=1)
    page = text(here.get(f"/stock/transfers/{transfer.number}/slip/"))
    assert "A-12-3" in page
    assert f'aria-label="{transfer.number}"' in page
    send(transfer, (1, 2), (2, 0, "damaged"))
    page = text(here.get(f"/stock/transfers/{transfer.number}/slip/"))
    assert ("A-12-3" in page, "Product A" in page, "Product B" in page) == (False, True, False)


def test_a_franchisee_is_asked_before_their_goods_are_set_aside(shop, here, there):
    # given: S1 takes its word back
    withdraw_consent(location=shop.s1)
    # when
    answer = there.post("/stock/transfers/request/", request_form(), follow=True)
    # then
    transfer = Transfer.objects.get()
    assert transfer.status == "asked"
    assert "Utrecht decides whether to send it" in text(answer)
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 0)
    url = f"/stock/transfers/{transfer.number}"
    assert "Has to agree" in text(answer)
    assert "Agree to send it" not in text(there.get(f"{url}/"))
    assert there.post(f"{url}/agree/").status_code == 404
    office = browser(person("Ho", "head_office"))
    assert "Agree to send it" not in text(office.get(f"{url}/"))
    assert office.post(f"{url}/agree/").status_code == 403
    assert transfer.number in text(here.get("/stock/transfers/?view=agree"))
    assert f"{url}/" in text(here.get("/"))
    slip = text(here.get(f"{url}/slip/"))
    assert ("Product A" in slip, "Shelf" in slip) == (True, True)
    # when
    assert "Agree to send it" in text(here.get(f"{url}/"))
    assert here.post(f"{url}/agree/").status_code == 302
    # then
    assert levels(shop)[("S1", "saleable", "F01")] == (10, 3)
    assert transfer.number in text(here.get("/stock/transfers/"))
    assert here.post(f"{url}/agree/").status_code == 409
