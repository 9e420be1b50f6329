"""The counter and the pages about returns."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.accounts.services import grant_access
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine
from apps.payments.models import PaymentEntry
from apps.portal.timeline import read_timeline
from apps.returns.models import Return
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.announcing import announce_return
from apps.returns.services.types import Accepted, Announced
from tests.people import make_user
from tests.returns.purchases import collected, order, sold
from tests.shop import Shop
from tests.staff import browser

__all__ = ["make_user"]
FIND = "/returns/take-back/"


@pytest.fixture
def associate(shop: Shop, make_user: Callable[..., User]) -> User:
    """Works in S2, which sold nothing of what comes back here."""
    return make_user("store_associate", shop.s2)


@pytest.fixture
def counter(associate: User) -> Client:
    return browser(associate)


def reference_in(page: Any) -> str:
    found = re.search(r'name="reference" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found[1]


def opened(counter: Client, order: Order) -> str:
    """The address of the counter page of an order, after the customer showed its number."""
    answer = counter.post(FIND, {"code": order.number})
    assert answer.status_code == 302
    return str(answer["Location"])


def announced(shop: Shop, order: Order, quantity: str = "1") -> Return:
    rma, _new = announce_return(
        channel=shop.web,
        external_id=f"RET-{order.number}",
        fingerprint="",
        lines=[Announced(order.number, Decimal(quantity), line=1)],
        occurred_at=timezone.now(),
    )
    return rma


def taken_back(shop: Shop, order: Order) -> Return:
    return accept_in_store(
        location=shop.s2,
        lines=[Accepted(order.number, 1, Decimal(1))],
        reference=f"desk-{order.number}",
        occurred_at=timezone.now(),
        actor="test",
    )


def test_from_the_code_to_the_money(shop: Shop, counter: Client, associate: User) -> None:
    # given a web order that was collected in another store
    bought = collected(shop, ("A", "3", "0.01"), ("B", "1", "0"))
    assert counter.get(f"/orders/{bought.number}/").status_code == 404
    # when the customer shows the number
    address = opened(counter, bought)
    # then it is open for a while, and that is on record
    grant = AccessGrant.objects.get()
    assert (grant.object_type, grant.object_key, grant.evidence) == ("order", bought.number, "order")
    page = counter.get(address)
    assert page.status_code == 200
    assert [thing.name for thing in page.context["form"].goods] == ["Product A", "Product B"]

    # when two pieces are chosen
    chosen = {"saleable-1": "1", "damaged-1": "1", "reason-1": "too_small"}
    check = counter.post(address, chosen)
    # then the bon shows them, and nothing is written
    assert check.status_code == 200
    assert (check.context["total"], check.context["refund"]) == (Decimal("19.99"), Decimal("19.99"))
    assert [(way.method, way.amount) for way in check.context["ways"]] == [("iDEAL", Decimal("19.99"))]
    assert "share of 3 for €29.99" in check.content.decode()
    assert not Return.objects.exists()

    # when it is confirmed, twice
    confirm = chosen | {"confirm": "", "reference": reference_in(check)}
    done = counter.post(address, confirm, follow=True)
    again = counter.post(address, confirm)
    # then
    rma = Return.objects.get()
    assert done.redirect_chain[-1][0] == again["Location"] == rma.get_absolute_url()
    assert "€19.99 by iDEAL" in done.content.decode()
    assert (rma.status, rma.total, rma.location) == ("settled", Decimal("19.99"), shop.s2)
    assert list(rma.lines.order_by("line").values_list("quantity", "grade", "reason")) == [
        (1, "saleable", "too_small"),
        (1, "damaged", "too_small"),
    ]
    assert OrderLine.objects.get(order=bought, line=1).quantity_returned == 2


def test_what_a_single_piece_needs_is_filled_in(shop: Shop, counter: Client) -> None:
    page = counter.get(opened(counter, collected(shop, ("A", "1", "0"))))
    assert 'name="saleable-1" value="1"' in page.content.decode()


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({}, "Say how many pieces come back."),
        ({"saleable-1": "2", "damaged-1": "1"}, "At most 2 can come back."),
        ({"saleable-1": "0.5"}, "This is sold by the piece."),
        ({"saleable-1": "-1"}, "greater than or equal to 0"),
        ({"saleable-1": "many"}, "Enter a number."),
        ({"saleable-1": "1", "reason-1": "because"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be(shop: Shop, counter: Client, chosen: dict[str, str], said: str) -> None:
    # given
    address = opened(counter, collected(shop, ("A", "2", "0")))
    # when
    page = counter.post(address, chosen | {"confirm": ""})
    # then
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Return.objects.exists()


def test_going_back_to_change_keeps_what_was_filled_in(shop: Shop, counter: Client) -> None:
    address = opened(counter, collected(shop, ("A", "2", "0")))
    page = counter.post(address, {"saleable-1": "2", "change": ""})
    assert 'name="saleable-1" value="2"' in page.content.decode()


def test_tapping_counts_within_what_can_come_back(shop: Shop, counter: Client) -> None:
    # given
    address = opened(counter, collected(shop, ("A", "2", "0"), ("B", "1", "0")))

    def tap(press: str, name: str, **filled: str) -> dict[str, str]:
        form = counter.post(address, filled | {press: name}).context["form"]
        return {name: str(form[name].value()) for name in form.fields if not name.startswith("reason")}

    nothing = {"saleable-1": "0", "damaged-1": "0", "saleable-2": "0", "damaged-2": "0"}
    # then
    assert tap("more", "saleable-1") == nothing | {"saleable-1": "1"}
    assert tap("more", "damaged-1", **{"saleable-1": "1"}) == nothing | {"saleable-1": "1", "damaged-1": "1"}
    full = {"saleable-1": "1", "damaged-1": "1"}
    assert tap("more", "damaged-1", **full) == nothing | full
    assert tap("less", "saleable-1", **full) == nothing | {"saleable-1": "0", "damaged-1": "1"}
    assert tap("less", "saleable-1", **{"saleable-1": "0"}) == nothing
    assert tap("more", "saleable-1", **{"saleable-1": "nonsense"}) == nothing | {"saleable-1": "1"}
    assert tap("more", "csrfmiddlewaretoken") == nothing


def test_another_desk_was_first(shop: Shop, counter: Client) -> None:
    # given
    bought = collected(shop, ("A", "1", "0"))
    address = opened(counter, bought)
    check = counter.post(address, {"saleable-1": "1"})
    taken_back(shop, bought)
    # when
    page = counter.post(address, {"saleable-1": "1", "confirm": "", "reference": reference_in(check)})
    # then
    assert page.status_code in {409, 422}
    assert Return.objects.count() == 1


@pytest.mark.parametrize("shown", ["number", "collect_code", "external_id"])
def test_what_the_customer_may_show(shop: Shop, counter: Client, shown: str) -> None:
    # given
    bought = sold(shop, shop.s1, ("A", "1", "10.00")) if shown == "external_id" else collected(shop, ("A", "1", "0"))
    # when
    answer = counter.post(FIND, {"code": f" {getattr(bought, shown)} "})
    # then
    assert answer["Location"] == f"{FIND}{bought.number}/"
    assert counter.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("code", ["T00000000000", "nothing", "R12", "\x00", "'; --", "x" * 128])
def test_a_code_that_is_nothing(shop: Shop, counter: Client, code: str) -> None:
    answer = counter.post(FIND, {"code": code})
    assert answer.status_code in {404, 422}
    assert not AccessGrant.objects.exists()


def test_an_order_that_was_not_shown_stays_closed(shop: Shop, counter: Client) -> None:
    bought = collected(shop, ("A", "1", "0"))
    assert counter.get(f"{FIND}{bought.number}/").status_code == 404
    answer = counter.post(f"{FIND}{bought.number}/", {"saleable-1": "1", "confirm": ""})
    assert answer.status_code == 404
    assert not Return.objects.exists()


def test_what_was_not_handed_over_is_named_with_the_reason(shop: Shop, counter: Client) -> None:
    page = counter.get(opened(counter, order(shop, ("A", "1", "0"))))
    assert "not handed over yet" in page.content.decode()
    assert 'name="check"' not in page.content.decode()


def test_an_announced_return_is_taken_in(shop: Shop, counter: Client) -> None:
    # given two pieces on their way to nowhere in particular
    bought = collected(shop, ("A", "2", "0.01"))
    rma = announced(shop, bought, "2")
    # when the customer shows the return code
    address = counter.post(FIND, {"code": rma.return_code})["Location"]
    page = counter.get(address)
    # then both are expected
    assert address == reverse("returns:take-in", kwargs={"number": rma.number})
    assert 'name="saleable-1" value="2"' in page.content.decode()

    # when one of them did not come and is damaged
    check = counter.post(address, {"saleable-1": "0", "damaged-1": "1"})
    assert check.context["total"] == Decimal("10.00")
    done = counter.post(address, {"saleable-1": "0", "damaged-1": "1", "confirm": "", "reference": reference_in(check)})
    # then
    assert done["Location"] == rma.get_absolute_url()
    rma.refresh_from_db()
    assert (rma.status, rma.location, rma.total) == ("settled", shop.s2, Decimal("10.00"))
    assert OrderLine.objects.get(order=bought).returnable == 1
    # and once is enough
    assert counter.post(address, {"damaged-1": "1", "confirm": ""})["Location"] == rma.get_absolute_url()
    assert counter.get(address)["Location"] == rma.get_absolute_url()
    assert PaymentEntry.objects.filter(kind="refunded").count() == 1


def test_the_order_page_leads_to_the_counter(shop: Shop, make_user: Callable[..., User]) -> None:
    # given somebody of the store that handed it over
    bought = collected(shop, ("A", "2", "0"))
    rma = taken_back(shop, bought)
    manager = browser(make_user("store_manager", shop.s1))
    # when
    panel = manager.get(f"/returns/on-order/{bought.number}/", headers={"HX-Request": "true"}).content.decode()
    # then
    assert rma.get_absolute_url() in panel
    assert f"{FIND}{bought.number}/" in panel
    assert f"/returns/on-order/{bought.number}/" in manager.get(f"/orders/{bought.number}/").content.decode()


def test_taking_back_on_an_orders_page_leads_back_to_the_list_it_was_opened_from(
    shop: Shop, make_user: Callable[..., User]
) -> None:
    # given
    bought = collected(shop, ("A", "2", "0"))
    manager = browser(make_user("store_manager", shop.s1))
    listed = "?list=/orders/?q=T"
    # when somebody goes from the list by the order and its panel to the counter
    page = manager.get(f"/orders/{bought.number}/{listed}").content.decode()
    panel = re.search(r'hx-get="(/returns/on-order/[^"]+)"', page)
    assert panel is not None
    act = re.search(rf'href="({FIND}[^"]+)"', manager.get(panel[1]).content.decode())
    assert act is not None
    # then every step knows the list
    assert act[1] == f"{FIND}{bought.number}/{listed}"
    assert manager.get(act[1]).context["back_url"] == f"{bought.get_absolute_url()}{listed}"


def test_a_return_under_the_scanner(shop: Shop, counter: Client) -> None:
    # given
    rma = announced(shop, collected(shop, ("A", "1", "0")))
    # when
    answer = counter.post("/scan/", {"code": rma.return_code})
    # then
    assert answer["Location"] == reverse("returns:take-in", kwargs={"number": rma.number})


def test_a_return_in_the_search_box(shop: Shop, make_user: Callable[..., User]) -> None:
    rma = taken_back(shop, collected(shop, ("A", "1", "0")))
    office = browser(make_user("head_office"))
    assert office.get("/search/", {"q": rma.number})["Location"] == rma.get_absolute_url()


def test_the_page_of_a_return(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    bought = collected(shop, ("A", "2", "0"))
    rma = taken_back(shop, bought)
    # when
    page = browser(make_user("head_office")).get(rma.get_absolute_url()).content.decode()
    # then
    assert bought.get_absolute_url() in page
    assert "€10.00" in page
    assert "share of 2 for €20.00" in page
    assert "of which €1.74 VAT" in page
    assert "Back by iDEAL" in page
    assert "take-in" not in page


def test_whose_returns_one_sees(shop: Shop, make_user: Callable[..., User]) -> None:
    # given one that came back to S2 of a sale in S1, and one nobody brought anywhere yet
    rma = taken_back(shop, sold(shop, shop.s1, ("A", "1", "10.00")))
    elsewhere = announced(shop, sold(shop, shop.s2, ("B", "1", "5.00")))
    seen = {
        role: {row.number for row in browser(make_user(role, place)).get("/returns/").context["table"].records}
        for role, place in (("head_office", None), ("store_manager", shop.s1), ("store_associate", shop.s2))
    }
    # then
    assert seen == {
        "head_office": {rma.number, elsewhere.number},
        "store_manager": {rma.number},
        "store_associate": {rma.number, elsewhere.number},
    }


def test_nobody_takes_back_without_a_counter(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    bought = collected(shop, ("A", "1", "0"))
    agent, office = browser(make_user("service_agent")), browser(make_user("head_office"))
    # then
    assert "Goods come back in a store" in agent.get(f"{FIND}{bought.number}/").content.decode()
    assert "Take back" not in agent.get("/returns/").content.decode()
    assert agent.post(f"{FIND}{bought.number}/", {"saleable-1": "1", "confirm": ""}).status_code == 422
    assert office.get(FIND).status_code == 403
    assert office.post(f"{FIND}{bought.number}/", {"saleable-1": "1", "confirm": ""}).status_code == 403
    assert not Return.objects.exists()


def test_the_list_asks_as_much_for_forty_rows_as_for_two(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    office = browser(make_user("head_office"))

    def queries(count: int) -> int:
        for _ in range(count):
            announced(shop, sold(shop, shop.s1, ("A", "1", "10.00"), ("B", "1", "1.00")))
        office.get("/returns/")
        with CaptureQueriesContext(connection) as asked:
            assert office.get("/returns/").status_code == 200
        return len(asked)

    # then
    assert queries(2) == queries(38)


def test_on_a_phone_a_return_names_its_store_once(shop: Shop, make_user: Callable[..., User]) -> None:
    # given that a store and its till have one name
    rma = taken_back(shop, collected(shop, ("A", "1", "0")))
    Channel.objects.filter(pk=rma.channel_id).update(name=rma.location.name)
    # when
    page = browser(make_user("head_office")).get("/returns/").content.decode()
    # then
    shown = re.findall(r'<t[dh][^>]*class="[^"]*\bat-\w+[^"]*"[^>]*>(.*?)</t[dh]>', page)
    assert shown.count(rma.location.name) == 1


def test_filters_that_other_pages_link_with(shop: Shop, make_user: Callable[..., User]) -> None:
    # given
    rma = taken_back(shop, collected(shop, ("A", "1", "0")))
    announced(shop, collected(shop, ("B", "1", "0")))
    office = browser(make_user("head_office"))
    day = rma.business_date.isoformat()
    # when
    address = f"/returns/?kind=store&location=S2&currency=EUR&day_after={day}&day_before={day}"
    # then
    assert [row.number for row in office.get(address).context["table"].records] == [rma.number]


def test_returns_on_the_customers_timeline(shop: Shop, associate: User) -> None:
    # given a customer whose returns another channel announced and this store took in
    bought = collected(shop, ("A", "1", "0"))
    rma, waiting = taken_back(shop, bought), announced(shop, collected(shop, ("B", "1", "0")))
    record = bought.source_record
    assert record is not None
    grant_access(
        principal=associate,
        object_type="customer",
        object_key=str(record.customer.key),
        purpose="counter",
        evidence="loyalty_card",
    )
    # when
    page = read_timeline(principal=associate, source_record_ids=[record.pk], limit=30)
    # then
    told = {e.url: (e.amount, e.tone) for e in page.entries if e.kind == "returns"}
    assert told == {
        rma.get_absolute_url(): (Decimal("-10.00"), ""),
        waiting.get_absolute_url(): (Decimal("-10.00"), "now"),
    }
