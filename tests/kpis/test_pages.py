import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.roles import Role
from apps.kpis.services.goals import set_goal
from apps.orders.models import OrderLine
from apps.returns.models import Return
from tests.franchise.chain import Chain, read_events
from tests.kpis.test_measuring import someone, spend
from tests.kpis.test_rolling_up import sell_in_every_way, till
from tests.staff import person

DASHBOARD = "/dashboard/"


@pytest.fixture
def office(chain: Chain, as_user) -> Client:
    return as_user(person("Mirjam", Role.HEAD_OFFICE))


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return unescape(re.sub(r"\s+", " ", response.content.decode()))


def metric(html: str, name: str) -> str:
    """The part of the page about one figure."""
    start = html.index(f'<h2 class="name">{name}</h2>')
    return html[start : html.index("</details>", start)]


def numbers_in_list(client: Client, url: str) -> set[str]:
    """The orders or returns that a list shows, by the address of each row."""
    return set(re.findall(r'href="/(?:orders|returns)/([TR]\d{11})/["?]', page(client, url)))


def test_every_figure_stands_beside_the_period_before(chain, office):
    # given: 200.00 online now against 100.00 before, and 100.00 in a store; sales began long ago
    today = timezone.localdate()
    spend(chain, None, chain.web, "1.00", today - dt.timedelta(days=300))
    spend(chain, None, chain.web, "200.00", today)
    spend(chain, None, chain.web, "100.00", today - dt.timedelta(days=31))
    spend(chain, someone("ann"), till("S001"), "100.00", today)
    read_events()
    # when
    html = page(office, DASHBOARD)
    # then
    online = metric(html, "Online net sales")
    assert "€200.00" in online
    assert "100.0% higher" in online
    assert "€100.00" in metric(html, "Store net sales")
    assert "€300.00" in metric(html, "Total net sales")
    assert "33.3%" in metric(html, "Sales with a known customer")
    assert "0.0%" in metric(html, "Return rate")
    assert "Unchanged" in metric(html, "Return rate")
    assert "As of" in html
    assert html.count("How is this calculated?") == 7
    assert "Association, not cause" in html
    assert " style=" not in html.split("<main", 1)[1]


def test_pounds_and_euros_each_have_a_dashboard(chain, office):
    # given: pounds from long ago
    spend(chain, None, chain.web, "200.00", timezone.localdate())
    chain.web.__class__.objects.create(code="uk", name="UK", kind="webshop", seller=chain.own, currency="GBP")
    spend(chain, None, chain.web, "70.00", dt.date(2011, 12, 9), currency="GBP")
    spend(chain, None, chain.web, "7.00", dt.date(2011, 12, 8), currency="GBP")
    read_events()
    # when
    euros, pounds = page(office, DASHBOARD), page(office, f"{DASHBOARD}?currency=GBP")
    # then: the pounds' period ends where the pounds end
    assert "€200.00" in metric(euros, "Total net sales")
    assert "£" not in euros
    assert "£77.00" in metric(pounds, "Total net sales")
    assert "€" not in pounds
    assert "9 Dec 2011" in pounds


def test_each_figure_opens_exactly_the_rows_it_counts(chain, office):
    # given
    sell_in_every_way(chain)
    read_events()
    html = page(office, f"{DASHBOARD}?from=2026-01-01&to={timezone.localdate() + dt.timedelta(days=1)}&currency=EUR")
    lines = OrderLine.objects.filter(quantity_fulfilled__gt=0, order__currency="EUR").select_related("order__channel")

    def numbers(**wanted) -> set[str]:
        return set(lines.filter(**wanted).values_list("order__number", flat=True))

    def opened(name: str) -> set[str]:
        return numbers_in_list(office, re.search(r'href="([^"]+)"', metric(html, name))[1])

    # when / then
    assert opened("Online net sales") == numbers(order__channel__kind="webshop")
    assert opened("Store net sales") == numbers(order__channel__kind="store")
    assert opened("Total net sales") == numbers()
    assert opened("Online orders collected in a store") == numbers(order__method="collect")
    assert opened("Sales with a known customer") == numbers(order__source_record__isnull=False)
    assert opened("Return rate") == set(Return.objects.values_list("number", flat=True))


def test_what_came_back_opens_the_returns_of_that_kind_of_channel(chain, office):
    # given: a web order and a till sale, both brought back in a store
    orders = sell_in_every_way(chain)
    read_events()
    html = page(office, f"{DASHBOARD}?from=2026-01-01&to={timezone.localdate()}&currency=EUR")

    def came_back(name: str) -> set[str]:
        return numbers_in_list(office, re.search(r'href="(/returns/[^"]+)"', metric(html, name))[1])

    def returns_of(order) -> set[str]:
        return set(Return.objects.filter(lines__order=order).values_list("number", flat=True))

    # when / then
    assert came_back("Online net sales") == returns_of(orders["collected"])
    assert came_back("Store net sales") == returns_of(orders["till"])


def test_it_can_be_compared_with_a_year_before(chain, office):
    # given
    today = timezone.localdate()
    spend(chain, None, chain.web, "150.00", today)
    spend(chain, None, chain.web, "100.00", today - dt.timedelta(days=366))
    spend(chain, None, chain.web, "1.00", today - dt.timedelta(days=800))
    read_events()
    # when / then
    assert "50.0% higher" in metric(page(office, f"{DASHBOARD}?compare=year"), "Online net sales")
    assert "Nothing to compare with" in metric(page(office, DASHBOARD), "Online net sales")
    for query in ("?period=week", "?period=year", "?period=x&compare=y&currency=z", "?from=x&to=9999-99-99"):
        assert "€150.00" in metric(page(office, DASHBOARD + query), "Online net sales")


def test_a_period_in_which_sales_began_is_no_comparison(chain, office):
    # given: sales began in the middle of the thirty days before
    today = timezone.localdate()
    spend(chain, None, chain.web, "1.00", today - dt.timedelta(days=35))
    spend(chain, None, chain.web, "200.00", today)
    read_events()
    # when / then
    assert "Nothing to compare with" in metric(page(office, DASHBOARD), "Online net sales")


def test_today_shows_the_last_days_beside_as_many_before(chain, office, as_user):
    # given: 120.00 in the four weeks that ended yesterday, 100.00 in the four before; today is not over
    today = timezone.localdate()
    spend(chain, None, chain.web, "80.00", today - dt.timedelta(days=1))
    spend(chain, None, till("S001"), "40.00", today - dt.timedelta(days=28))
    spend(chain, None, chain.web, "100.00", today - dt.timedelta(days=29))
    spend(chain, None, chain.web, "7.00", today)
    read_events()
    # when
    html = page(office, "/")
    # then
    assert "Net sales are 20.0% above the 28 days before" in html
    assert "€120.00" in html
    assert ";0,00;80,00;80,00" in page(office, "/?part=chart")
    # and whoever may not see figures of the chain sees none
    agent = page(as_user(person("Ada", Role.SERVICE_AGENT)), "/")
    assert "<figure" not in agent


def test_the_chart_shows_thirteen_months(chain, office):
    # given
    today = timezone.localdate()
    spend(chain, None, chain.web, "25.00", today)
    spend(chain, None, till("S001"), "75.00", today)
    read_events()
    # when
    html = page(office, DASHBOARD)
    # then
    assert "Online is 25.0% of net sales" in html
    assert html.split('<details class="as-table">')[1].count('<th scope="row">') == 13


def test_a_bar_of_the_chart_leads_to_its_rows_and_its_figures_are_a_file(chain, office):
    # given
    today = timezone.localdate()
    spend(chain, None, chain.web, "1234.50", today)
    read_events()
    # when
    html = page(office, DASHBOARD)
    table = html.split('<details class="as-table">')[1]
    newest = re.findall(r'<th scope="row"><a href="([^"]+)">', table)[-1]
    # then
    assert f'<a href="{newest}" tabindex="-1"' in html
    assert "1 order" in page(office, newest)
    file = office.get(f"{DASHBOARD}?part=chart")
    assert file["Content-Disposition"].startswith('attachment; filename="all-net-sales-are-online-')
    assert file.content.decode("utf-8-sig").splitlines()[-1].endswith(";1234,50")


def test_before_anything_is_sold_the_page_says_so(chain, office):
    assert "Nothing was sold yet" in page(office, DASHBOARD)


def test_the_number_of_queries_does_not_grow_with_the_rows(chain, office):
    # given
    today = timezone.localdate()
    spend(chain, someone("ann"), till("S001"), "1.00", today)
    spend(chain, someone("bas"), chain.web, "1.00", today)
    read_events()
    office.get(DASHBOARD)
    with CaptureQueriesContext(connection) as few:
        office.get(DASHBOARD)
    # when
    for n in range(20):
        spend(chain, someone(f"p{n}"), till("S002"), "1.00", today - dt.timedelta(days=n))
        spend(chain, None, chain.web, "1.00", today - dt.timedelta(days=n))
    read_events()
    with CaptureQueriesContext(connection) as many:
        office.get(DASHBOARD)
    # then
    assert len(many) == len(few)


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.STORE_ASSOCIATE, Role.FRANCHISEE, Role.SERVICE_AGENT])
@pytest.mark.parametrize("url", [DASHBOARD, "/dashboard/goals/", "/dashboard/goals/online-25/"])
def test_figures_of_the_chain_are_for_head_office_and_finance(chain, as_user, role, url):
    goal(person("Mirjam", Role.HEAD_OFFICE))
    place = {} if role == Role.SERVICE_AGENT else {"location": chain.stores["S001"]}
    assert as_user(person("Bo", role, **place)).get(url).status_code == 403
    assert as_user(person("Frits", Role.FINANCE)).get(url).status_code == 200


def goal(owner, **changed):
    given = {
        "slug": "online-25",
        "name": "A quarter more online by 2029",
        "measure": "online_sales",
        "currency": "EUR",
        "baseline": Decimal("1000000"),
        "baseline_source": "Annual report 2025",
        "target": Decimal("1250000"),
        "starts_on": dt.date(2026, 1, 1),
        "ends_on": dt.date(2029, 12, 31),
        "why": "Customers buy where it suits them.",
    }
    return set_goal(**(given | changed), owner=owner)


def test_a_goal_shows_its_path_its_progress_and_a_forecast_in_words(chain, as_user):
    # given: two years of sales, the second 10 % up
    mirjam = person("Mirjam", Role.HEAD_OFFICE)
    goal(mirjam)
    last = dt.date(2026, 12, 31)
    spend(chain, None, chain.web, "1000000.00", last - dt.timedelta(days=729))
    spend(chain, None, chain.web, "1100000.00", last)
    read_events()
    # when
    html = page(as_user(mirjam), "/dashboard/goals/online-25/")
    # then
    for said in (
        "€1,100,000",
        "Annual report 2025",
        "Mirjam",
        "5.7% a year leads from €1,000,000 to €1,250,000",
        "Over the twelve months of",
        "above where the path is today",
        "At the growth of the last twelve months (+10.0% a year)",
        "From here +4.3% a year leads to the target.",
        "€1,057,371",
        "Customers buy where it suits them.",
    ):
        assert said in html, said
    assert html.count("would be reached") == 1
    assert html.count("still to come") == 3
    assert "A quarter more online by 2029" in page(as_user(mirjam), "/dashboard/goals/")
    assert "A quarter more online by 2029" in page(as_user(mirjam), DASHBOARD)


def test_with_little_history_the_goal_says_so(chain, as_user):
    # given
    mirjam = person("Mirjam", Role.HEAD_OFFICE)
    goal(mirjam)
    spend(chain, None, chain.web, "1000.00", timezone.localdate())
    read_events()
    # when
    html = page(as_user(mirjam), "/dashboard/goals/online-25/")
    # then
    assert "1 day, taken over a whole year" in html
    assert "A forecast by growth takes two years of sales" in html
    assert "below where the path is today" in html


def test_a_share_is_said_as_a_percentage(chain, as_user):
    # given
    mirjam = person("Mirjam", Role.HEAD_OFFICE)
    goal(mirjam, measure="known_share", currency="", baseline=Decimal("0.4"), target=Decimal("0.6"))
    spend(chain, someone("ann"), chain.web, "50.00", timezone.localdate())
    spend(chain, None, chain.web, "50.00", timezone.localdate())
    read_events()
    # when
    html = page(as_user(mirjam), "/dashboard/goals/online-25/")
    # then
    assert "50.0%" in html
    assert "40.0%" in html


def test_a_goal_before_anything_is_sold(chain, as_user):
    mirjam = person("Mirjam", Role.HEAD_OFFICE)
    goal(mirjam)
    assert "Nothing was sold yet in the currency of this goal." in page(as_user(mirjam), "/dashboard/goals/online-25/")


def test_the_today_page_shows_the_last_day_sold(chain, office):
    # given
    spend(chain, None, chain.web, "200.00", timezone.localdate())
    read_events()
    # when / then
    html = page(office, "/")
    assert "Net sales today" in html
    assert "€200.00" in html
