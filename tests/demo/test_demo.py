import datetime as dt
import json
import stat
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import Client
from stdnum import ean

from apps.accounts.models import User
from apps.catalogue.models import Gtin, Variant
from apps.core.events.subscribers import lag
from apps.core.models import Quarantined
from apps.customers.models import Customer
from apps.franchise.models import RevenueShare
from apps.inventory.models import Count as StockCount
from apps.inventory.models import CountResult, StockLevel, StockMovement, StoreTask, Transfer, TransferStatus
from apps.kpis.models import Goal
from apps.loyalty.models import LoyaltyAccount
from apps.network.models import LegalEntity, Location
from apps.orders.models import Order, OrderLine
from apps.returns.models import Return
from apps.service.models import ContactMoment
from apps.tills.models import Ticket
from config.demo import building
from config.demo.plan import Plan

TODAY = dt.date(2026, 11, 21)
PLAN = Plan(seed=7, stores=12, orders=400, today=TODAY)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def access_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo-access.json"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, access_file: Path) -> Iterator[dict[str, Any]]:
    """A small demo for all tests here, which each roll back what they do to it; and what opens it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC)):
            building.build(PLAN, access_file=access_file, say=lambda line: None)
        yield json.loads(access_file.read_text())
        transaction.set_rollback(True)


@pytest.fixture
def demo(built: dict[str, Any], access_file: Path, settings: Any, time_machine: Any) -> dict[str, Any]:
    settings.DEMO_ACCESS = access_file
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    return built


def test_the_ledgers_add_up(demo: dict[str, Any]) -> None:
    came = StockMovement.objects.exclude(to_location=None).aggregate(all=Sum("quantity"))["all"]
    went = StockMovement.objects.exclude(from_location=None).aggregate(all=Sum("quantity"))["all"]
    assert StockLevel.objects.aggregate(all=Sum("on_hand"))["all"] == came - went > 0
    call_command("reconcile", stdout=StringIO())


def test_there_is_something_on_every_page(demo: dict[str, Any]) -> None:
    assert Location.objects.stores().count() == 12
    assert Location.objects.exclude(country="NL").exists()
    assert LegalEntity.objects.filter(kind="franchisee").exclude(kvk_number="").count() == PLAN.franchisees
    states = set(Order.objects.filter(external_id__regex="^[WA]900").values_list("status", flat=True))
    assert states >= {"sourced", "picking", "ready", "collected", "shipped", "cancelled", "awaiting_payment"}
    assert "coming" in states  # to the store where it is collected
    assert StoreTask.objects.open().count() >= 1
    assert set(Transfer.objects.values_list("status", flat=True)) == set(TransferStatus.values)
    assert Transfer.objects.filter(lines__sent__gt=0, lines__sent__lt=F("lines__requested")).exists()
    assert Ticket.objects.count() > 100
    assert set(Quarantined.objects.filter(source="tills").values_list("code", flat=True)) >= {"conflict"}
    assert RevenueShare.objects.filter(evidence="residual").exists()
    assert Return.objects.filter(lines__grade="damaged").exists()
    assert Order.objects.filter(channel__currency="GBP").exists()
    assert ContactMoment.objects.exclude(order_number="").exists()
    assert Goal.objects.get().milestones.count() == 5
    assert RevenueShare.objects.exclude(location=None).exists()
    assert LoyaltyAccount.objects.filter(balance__gt=0).exists()


def test_sales_are_spread_over_a_year_and_most_carry_vat(demo: dict[str, Any]) -> None:
    own = Order.objects.filter(currency="EUR")
    days = own.order_by("business_date").values_list("business_date", flat=True)
    assert (days[len(days) - 1] - days[0]).days > 365
    assert not OrderLine.objects.filter(order__in=own, vat_amount=None).exists()


def test_some_customers_shop_in_stores_and_online(demo: dict[str, Any]) -> None:
    kinds = Customer.objects.annotate(kinds=Count("source_records__orders__channel__kind", distinct=True))
    assert kinds.filter(kinds__gte=2).count() > 10


def test_everything_was_read_from_the_log(demo: dict[str, Any]) -> None:
    behind = lag()
    assert behind
    assert set(behind.values()) == {0}


def test_bar_codes_have_right_check_digits_in_the_range_for_demonstrations(demo: dict[str, Any]) -> None:
    codes = list(Gtin.objects.filter(variant__product__brand="Moswijk").values_list("code", flat=True))
    assert len(codes) > 250
    assert all(code.startswith("0952") and ean.is_valid(code) for code in codes)


def test_some_prices_are_reduced(demo: dict[str, Any]) -> None:
    body = (
        Client()
        .get("/api/v1/products/?page_size=500", headers={"Authorization": f"Bearer {demo['api_keys']['readonly']}"})
        .json()
    )
    reduced = [p for p in body["results"] if p["lowest_price_30_days"]]
    assert len(reduced) > 10
    assert all(Decimal(p["price"]) < Decimal(p["lowest_price_30_days"]) for p in reduced)
    assert {p["vat_rate"] for p in body["results"]} >= {"21.00", "9.00"}


def test_access_is_for_the_owner_of_the_file_only(demo: dict[str, Any], access_file: Path) -> None:
    assert stat.S_IMODE(access_file.stat().st_mode) == 0o600
    assert set(demo["users"]) == {
        "head_office",
        "finance",
        "store_manager",
        "store_associate",
        "franchisee",
        "service_agent",
        "privacy_officer",
    }
    for role, user in demo["users"].items():
        known = User.objects.get(email=user["email"])
        assert known.check_password(user["password"])
        assert [a.role for a in known.assignments.all()] == [role]
    assert set(demo["api_keys"]) == {"webshop", "till", "store", "readonly"}


def test_access_is_printed_as_one_json_object(demo: dict[str, Any]) -> None:
    said = StringIO()
    call_command("demo_access", stdout=said)
    assert json.loads(said.getvalue()) == {"base_url": settings.BASE_URL, **demo}


def test_the_manager_works_in_a_store_of_the_franchisee(demo: dict[str, Any]) -> None:
    manager = User.objects.get(email=demo["users"]["store_manager"]["email"]).assignments.get()
    franchisee = User.objects.get(email=demo["users"]["franchisee"]["email"]).assignments.get()
    assert manager.location.ownerships.get(valid__contains=TODAY).legal_entity == franchisee.legal_entity
    assert Order.objects.filter(location=manager.location, status="sourced").exists()


def test_every_store_has_the_core_of_the_assortment(demo: dict[str, Any]) -> None:
    stores = Location.objects.stores().count()
    everywhere = (
        Variant.objects.filter(levels__on_hand__gt=0, levels__location__kind="store")
        .annotate(stores=Count("levels__location", distinct=True))
        .filter(stores__gte=stores - 2)
    )
    assert everywhere.count() >= 20


def test_the_store_of_the_demo_has_a_count_in_each_state(demo: dict[str, Any]) -> None:
    assert sorted(StockCount.objects.values_list("status", flat=True)) == sorted(StockCount.Status.values)
    assert CountResult.objects.exclude(difference=0).count() == 1
