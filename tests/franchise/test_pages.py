import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.roles import Role
from apps.franchise.models import RevenueShare, RuleSet
from apps.network.models import Channel
from apps.orders.models import Order
from apps.returns.services.accepting import accept_in_store
from apps.returns.services.types import Accepted
from tests.franchise.chain import Chain, pass_on, read_events
from tests.staff import person


@pytest.fixture
def shop(chain: Chain) -> Chain:
    chain.publish()
    Channel.objects.create(code="till-S003", name="S003", kind="store", location=chain.stores["S003"])
    chain.anna_herself = person("Anna", Role.FRANCHISEE, legal_entity=chain.anna)
    chain.bram_himself = person("Bram", Role.FRANCHISEE, legal_entity=chain.bram)
    chain.manager = person("Mia", Role.STORE_MANAGER, location=chain.stores["S001"])
    chain.associate = person("Bo", Role.STORE_ASSOCIATE, location=chain.stores["S001"])
    chain.head_office = person("Mirjam", Role.HEAD_OFFICE)
    chain.finance = person("Frits", Role.FINANCE)
    return chain


def sold(shop: Chain, code: str | None, price: str = "12.10", **more) -> Order:
    order = shop.hand_over(shop.order(lines=[("A1", "1", price)], collect=code, **more))
    read_events()
    return order


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_franchisee_sees_what_is_credited_and_why(shop, as_user):
    # given
    order = sold(shop, "S001", "24.20")
    # when
    html = page(as_user(shop.anna_herself), "/online-revenue/")
    # then
    assert "€20.00" in html
    assert f"/online-revenue/lines/{order.number}/1/" in html
    assert "Collecting brings 100.0% of it" in html
    assert html.count('<svg class="wide"') == html.count('<svg class="narrow"') == 1
    assert " style=" not in html.split("<main", 1)[1]


def test_nothing_of_another_entrepreneur_is_shown(shop, as_user):
    # given
    hers, his = sold(shop, "S001"), sold(shop, "S003")
    # when
    for url in ("/online-revenue/", "/online-revenue/lines/"):
        html = page(as_user(shop.anna_herself), url)
        # then
        assert hers.number in html
        assert his.number not in html
        assert "Bram" not in html
    assert as_user(shop.anna_herself).get(f"/online-revenue/lines/{his.number}/1/").status_code == 404
    assert as_user(shop.bram_himself).get(f"/online-revenue/lines/{his.number}/1/").status_code == 200


def test_another_s_store_stays_unnamed_in_the_waterfall(shop, as_user):
    # given: collected at Anna's, referred by Bram's
    shop.stores["S003"].name = "Winkel van Bram"
    shop.stores["S003"].save()
    order = sold(shop, "S001", referral="S003")
    url = f"/online-revenue/lines/{order.number}/1/"
    # when
    hers, everything = page(as_user(shop.anna_herself), url), page(as_user(shop.head_office), url)
    # then
    assert "Winkel van Bram" not in hers
    assert "Not reached" in hers
    assert "Takes it" in everything


def test_a_store_that_changes_hands_leaves_its_past_with_the_old_owner(shop, as_user):
    # given
    order = sold(shop, "S001", placed_at=timezone.now() - dt.timedelta(days=5))
    pass_on(shop.stores["S001"], shop.bram, on=timezone.localdate())
    # when / then
    url = f"/online-revenue/lines/{order.number}/1/"
    assert as_user(shop.anna_herself).get(url).status_code == 200
    assert as_user(shop.bram_himself).get(url).status_code == 404
    assert as_user(shop.manager).get(url).status_code == 404


def test_a_store_manager_sees_the_own_store_and_an_associate_nothing(shop, as_user):
    # given
    here, there = sold(shop, "S001"), sold(shop, "S002")
    # when
    html = page(as_user(shop.manager), "/online-revenue/lines/")
    # then
    assert here.number in html
    assert there.number not in html
    assert as_user(shop.associate).get("/online-revenue/").status_code == 403
    assert as_user(shop.associate).get(f"/online-revenue/lines/{here.number}/1/").status_code == 403


def test_finance_sees_the_residual_too(shop, as_user):
    # given
    residual = sold(shop, None)
    # when / then
    assert residual.number in page(as_user(shop.finance), "/online-revenue/lines/")
    assert residual.number not in page(as_user(shop.anna_herself), "/online-revenue/lines/")


def test_the_receipt_of_a_line_adds_up_in_front_of_the_reader(shop, as_user):
    # given: 3 × 7.95 = 23.85, of which 4.14 VAT; one came back in another store
    order = shop.hand_over(shop.order(lines=[("A1", "3", "7.95")], collect="S001", charges=["4.95"]))
    back = accept_in_store(
        location=shop.stores["S003"],
        lines=[Accepted(order=order.number, line=1, quantity=Decimal(1))],
        reference="counter",
        occurred_at=timezone.now(),
        actor="test",
    )
    read_events()
    # when
    html = page(as_user(shop.anna_herself), f"/online-revenue/lines/{order.number}/1/")
    # then
    for figure in ("€23.85", "−€4.14", "€19.71", "−€6.57", "Why €13.14?"):
        assert figure in html, figure
    assert f"Return {back.number}" in html
    assert "Delivery and other charges are not shared" in html
    assert "Contract (v1)" in html
    assert [step in html for step in ("Takes it", "Not reached")] == [True, True]


def test_returns_are_taken_off_the_period(shop, as_user):
    # given
    order = sold(shop, "S001", "24.20")
    accept_in_store(
        location=shop.stores["S003"],
        lines=[Accepted(order=order.number, line=1, quantity=Decimal(1))],
        reference="counter",
        occurred_at=timezone.now(),
        actor="test",
    )
    read_events()
    # when
    html = page(as_user(shop.anna_herself), "/online-revenue/?period=week")
    # then
    assert "−€20.00" in html
    assert "100.0% of what was credited" in html
    assert "€0.00" in html


def test_periods_leave_out_what_lies_before(shop, as_user):
    # given
    sold(shop, "S001", "24.20")
    client = as_user(shop.anna_herself)
    # when / then
    assert "€20.00" in page(client, f"/online-revenue/?from={timezone.localdate()}&to={timezone.localdate()}")
    assert "Nothing was credited in this period" in page(client, "/online-revenue/?from=2020-01-01&to=2020-01-31")
    for period in ("week", "quarter", "year", "nonsense"):
        assert "€20.00" in page(client, f"/online-revenue/?period={period}")
    assert "€20.00" in page(client, "/online-revenue/?from=x&to=2020-13-45")


def test_pounds_and_euros_are_never_added(shop, as_user):
    # given
    day = timezone.localdate()
    shop.sale(shop.web, lines=[("A1", "1", "10.00", None)], day=day, method="delivery")
    shop.sale(shop.web, lines=[("A1", "1", "10.00", None)], day=day, method="delivery")
    shop.sale(shop.web, lines=[("A1", "1", "7.00", None)], day=day, method="delivery", currency="GBP")
    read_events()
    client = as_user(shop.head_office)
    # when
    euros, pounds = page(client, "/online-revenue/"), page(client, "/online-revenue/?currency=GBP")
    # then
    assert "€20.00" in euros
    assert "£" not in euros
    assert "£7.00" in pounds
    assert "€" not in pounds
    assert "27.00" not in euros + pounds
    listed = page(client, "/online-revenue/lines/")
    assert "€20.00" in listed
    assert "£7.00" in listed


def test_one_store_can_be_looked_at(shop, as_user):
    # given
    here, there = sold(shop, "S001"), sold(shop, "S002")
    # when
    html = page(as_user(shop.anna_herself), "/online-revenue/?store=S001")
    # then
    assert here.number in html
    assert there.number not in html
    # a store out of reach is as if it were not there
    assert there.number in page(as_user(shop.anna_herself), "/online-revenue/?store=S003")


@pytest.mark.parametrize("url", ["/online-revenue/", "/online-revenue/lines/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(shop, as_user, url):
    # given
    client = as_user(shop.anna_herself)
    sold(shop, "S001"), sold(shop, "S002")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    # when
    for code in ["S001", "S002"] * 5:
        sold(shop, code)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    # then
    assert RevenueShare.objects.count() == 12
    assert len(many) == len(few)


def test_the_order_page_says_to_whom_it_is_credited(shop, as_user):
    # given
    order = shop.order(lines=[("A1", "1", "12.10")], collect="S001")
    read_events()
    url = f"/online-revenue/orders/{order.number}/"
    # when / then
    assert "Nothing is credited until the goods are handed over" in page(as_user(shop.manager), url)
    shop.hand_over(order)
    read_events()
    html = page(as_user(shop.head_office), url)
    assert "Winkel S001" in html
    assert "€10.00" in html
    assert as_user(shop.bram_himself).get(url).status_code == 404
    assert as_user(shop.associate).get(url).status_code == 403


def test_the_panel_hides_who_else_is_credited(shop, as_user):
    # given: Bram's store referred it, Anna's store hands it out, and referral comes first
    shop.publish("referral", "residual", version="v2", valid_from=timezone.localdate() + dt.timedelta(days=1))
    order = sold(shop, "S001", referral="S003", placed_at=timezone.now() + dt.timedelta(days=1))
    # when
    html = page(as_user(shop.manager), f"/online-revenue/orders/{order.number}/")
    # then
    assert "Nothing of this order is credited to a store of yours" in html
    assert "S003" not in html


def test_rules_are_drafted_and_published_on_the_page(shop, as_user):
    # given
    client, start = as_user(shop.finance), timezone.localdate() + dt.timedelta(days=10)
    # when
    response = client.post(
        "/online-revenue/rules/draft/",
        {"version": "v2", "name": "Contract B", "valid_from": start.isoformat(), "first": "referral", "second": "home"},
    )
    # then
    assert response.headers["Location"] == "/online-revenue/rules/v2/"
    rules = RuleSet.objects.get(version="v2")
    assert (rules.waterfall, rules.is_published) == (["referral", "home", "residual"], False)
    assert as_user(shop.anna_herself).get("/online-revenue/rules/v2/").status_code == 404
    assert "Publish Contract B (v2)?" in page(client, "/online-revenue/rules/v2/publish/")
    # when
    client.post("/online-revenue/rules/v2/publish/")
    # then
    html = page(as_user(shop.anna_herself), "/online-revenue/rules/v2/")
    assert "Frits" in html
    assert "The store that referred the customer to the webshop." in html
    assert "Contract B" in page(as_user(shop.anna_herself), "/online-revenue/rules/")


def test_what_the_domain_refuses_stands_on_the_page(shop, as_user):
    # given
    client = as_user(shop.finance)
    draft = {"version": "v2", "name": "B", "valid_from": timezone.localdate().isoformat(), "first": "home"}
    # when / then
    twice = client.post("/online-revenue/rules/draft/", draft | {"second": "home"})
    assert twice.status_code == 422
    assert "A kind of evidence can stand in the waterfall once." in twice.content.decode()
    taken = client.post("/online-revenue/rules/draft/", draft | {"version": "v1"})
    assert taken.status_code == 409
    assert "There is a version v1 already." in taken.content.decode()
    client.post("/online-revenue/rules/draft/", draft)
    too_late = client.post("/online-revenue/rules/v2/publish/")
    assert too_late.status_code == 409
    assert "Let the new rules start tomorrow or later" in too_late.content.decode()


def test_only_those_who_make_rules_may_draft_or_publish(shop, as_user):
    client = as_user(shop.anna_herself)
    assert client.get("/online-revenue/rules/draft/").status_code == 403
    assert client.post("/online-revenue/rules/v1/publish/").status_code == 403
    assert "Draft rules" not in page(client, "/online-revenue/rules/")


def test_the_today_page_shows_the_last_thirty_days(shop, as_user):
    # given
    sold(shop, "S001", "24.20")
    # when
    html = page(as_user(shop.anna_herself), "/")
    # then
    assert "Online revenue, 30 days" in html
    assert "€20.00" in html
