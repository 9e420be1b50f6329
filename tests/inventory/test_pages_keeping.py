"""Safety stock, thresholds and till feeds as head office sees and changes them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalogue.models import Category
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.inventory.models import ChannelThreshold, SafetyRule
from apps.inventory.services import drifting, keeping
from apps.inventory.services.drifting import hear
from apps.network.models import Location
from tests.orders.counter import text_of
from tests.staff import browser, person

SAFETY, THRESHOLDS, FEEDS = "/stock/safety/", "/stock/thresholds/", "/stock/feeds/"


@pytest.fixture
def office(shop):
    return browser(person("Mirjam Vos", "head_office"))


def test_a_rule_is_written_on_the_stock_by_a_job(office, shop):
    # when
    answer = office.post(f"{SAFETY}add/", {"sku": "A", "location": "S1", "quantity": "3"})
    assert answer.status_code == 302, text_of(answer)
    run_job(Job.objects.get(kind="inventory.safety").key)
    # then
    assert (shop.stock("A").safety_collect, shop.stock("A").safety_delivery) == (3, 3)
    assert "Safety stock changed at 1 place." in Job.objects.get().outcome
    page = text_of(office.get(SAFETY))
    assert all(word in page for word in ("Utrecht", "both"))
    # and changed, and taken out
    rule = SafetyRule.objects.get()
    form = text_of(office.get(f"{SAFETY}{rule.key}/"))
    assert "Take out" in form
    office.post(f"{SAFETY}{rule.key}/", {"sku": "A", "location": "S1", "method": "delivery", "quantity": "2"})
    run_job(Job.objects.filter(kind="inventory.safety").latest("queued_at").key)
    assert (shop.stock("A").safety_collect, shop.stock("A").safety_delivery) == (0, 2)
    office.post(f"{SAFETY}{rule.key}/drop/")
    run_job(Job.objects.filter(kind="inventory.safety").latest("queued_at").key)
    assert (SafetyRule.objects.count(), shop.stock("A").safety_delivery) == (0, 0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sku": "NONE", "quantity": "1"}, "“NONE” is not known."),
        ({"sku": "A", "category": "tools", "quantity": "1"}, "not both"),
        ({"location": "S1", "location_kind": "store", "quantity": "1"}, "not both"),
        ({"quantity": "-1"}, "greater than or equal to 0"),
        ({"sku": "B", "quantity": "1"}, "There is a rule about this already"),
    ],
)
def test_a_rule_that_cannot_be_says_why(office, shop, given, said):
    Category.objects.create(code="tools", name="Tools")
    SafetyRule.objects.create(variant=shop.variants["B"], quantity=Decimal(1))
    answer = office.post(f"{SAFETY}add/", given)
    assert answer.status_code in {409, 422}
    assert said in text_of(answer)
    assert SafetyRule.objects.count() == 1
    assert not Job.objects.exists()


def test_a_threshold_is_set_explained_and_taken_out(office, shop):
    # when
    shop.receive(shop.dc, A=5)
    office.post(f"{THRESHOLDS}add/", {"channel": "web", "quantity": "2"})
    keeping.forget()
    # then every channel has five, and the webshop three of them
    why = "/stock/of/A/why/?method=delivery"
    assert "Why 5 available?" in text_of(office.get(why))
    page = text_of(office.get(f"{why}&channel=web"))
    assert "Why 3 available?" in page
    assert "Threshold of the channel" in page
    threshold = ChannelThreshold.objects.get()
    office.post(f"{THRESHOLDS}{threshold.key}/", {"channel": "web", "quantity": "1"})
    threshold.refresh_from_db()
    assert threshold.quantity == 1
    office.post(f"{THRESHOLDS}{threshold.key}/drop/")
    assert not ChannelThreshold.objects.exists()


def test_stores_whose_tills_are_late_or_silent_stand_out(office, shop):
    now = timezone.now()
    Location.objects.filter(code="S2").update(sales_come=Location.SalesCome.BATCH)
    hear(known_until={shop.s1.pk: now - dt.timedelta(minutes=5), shop.s2.pk: now - dt.timedelta(hours=9)})
    page = text_of(office.get(FEEDS))
    assert all(word in page for word in ("Up to date", "Late"))
    drifting.forget()
    hear(known_until={shop.s1.pk: now})
    Location.objects.filter(code="S1").update(name="Silent store")
    # and how its sales come is changed where it stands
    office.post(f"/locations/{shop.s1.code}/?part=edit&fact=sales_come", {"was": "at_once", "sales_come": "batch"})
    shop.s1.refresh_from_db()
    assert shop.s1.sales_come == "batch"


@pytest.mark.parametrize("path", [SAFETY, THRESHOLDS, FEEDS])
def test_lists_cost_as_many_queries_however_long(office, shop, path):
    def add(n: int) -> None:
        for i in range(n):
            store = Location.objects.create(code=f"{path[7:9]}{i}{n}", name=f"x{i}", postcode="x", city="x")
            category = Category.objects.create(code=f"c{n}{i}", name=f"c{n}{i}")
            SafetyRule.objects.create(location=store, category=category, quantity=1)
            ChannelThreshold.objects.create(channel=shop.web, category=category, quantity=1)
            hear(known_until={store.pk: timezone.now()})

    def queries() -> int:
        drifting.forget()
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert office.get(path).status_code == 200
        return len(counted)

    add(2)
    queries()
    few = queries()
    add(9)
    assert queries() == few
