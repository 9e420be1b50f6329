import datetime as dt
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Sum

from apps.accounts.models import DemoMark, User
from apps.catalogue.models import Gtin, Price
from apps.customers.models import Customer
from apps.franchise.models import RevenueShare
from apps.inventory.models import StockLevel
from apps.kpis.models import Goal
from apps.loyalty.models import PointsEntry
from apps.network import directory
from apps.network.models import LegalEntity, Location
from apps.orders.models import Order
from apps.returns.models import Return
from apps.service.models import ContactMoment
from config.demo import building
from config.demo.plan import Plan

TODAY = dt.date(2026, 11, 21)
PLAN = Plan(seed=7, stores=6, orders=120, today=TODAY)


class _Rollback(Exception):
    pass


def rolled_back(act: Callable[[], Any]) -> Any:
    """What `act` gives, without what it writes."""
    try:
        with transaction.atomic():
            found = act()
            raise _Rollback
    except _Rollback:
        return found


def digest() -> dict[str, Any]:
    """What two equal demos have in common; numbers, keys and passwords are drawn anew each time."""
    return {
        "locations": list(Location.objects.order_by("code").values_list("code", "name", "postcode", "latitude")),
        "companies": list(LegalEntity.objects.order_by("code").values_list("code", "name", "kvk_number")),
        "prices": Price.objects.aggregate(Count("pk"), Sum("amount")),
        "gtins": sorted(Gtin.objects.values_list("code", flat=True)),
        "customers": sorted(Customer.objects.values_list("name", "email", "postcode")),
        "orders": list(Order.objects.order_by("channel__code", "external_id").values_list("external_id", "total")),
        "states": list(Order.objects.order_by("status").values_list("status").annotate(Count("pk"))),
        "stock": StockLevel.objects.aggregate(Count("pk"), Sum("on_hand"), Sum("reserved"), Sum("oversold")),
        "returns": Return.objects.aggregate(Count("pk"), Sum("total")),
        "points": PointsEntry.objects.aggregate(Count("pk"), Sum("points")),
        "shares": RevenueShare.objects.aggregate(Count("pk"), Sum("amount")),
        "goal": list(Goal.objects.values_list("baseline", "target")),
        "contacts": ContactMoment.objects.count(),
    }


@pytest.fixture
def access_file(tmp_path: Path, settings: Any) -> Path:
    settings.DEMO_ACCESS = tmp_path / "demo-access.json"
    return settings.DEMO_ACCESS


@pytest.mark.long
def test_the_same_seed_builds_the_same_chain(db: None, access_file: Path, time_machine: Any) -> None:
    def build(plan: Plan) -> dict[str, Any]:
        time_machine.move_to(dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC), tick=False)
        directory.forget()
        building.build(plan, access_file=access_file, say=lambda line: None)
        return digest()

    first = rolled_back(lambda: build(PLAN))
    again = rolled_back(lambda: build(PLAN))
    another = rolled_back(lambda: build(Plan(seed=8, stores=6, orders=120, today=TODAY)))
    assert first == again
    assert first["orders"] != another["orders"]
    assert first["locations"] != another["locations"]


def test_it_refuses_a_database_that_is_no_demo(db: None, access_file: Path) -> None:
    User.objects.create_user("somebody@example.org", "x", name="Somebody real")
    with pytest.raises(CommandError, match="not empty"):
        call_command("seed_demo", stores=6, orders=60, stdout=StringIO())
    assert not Location.objects.exists()
    assert not access_file.exists()


def test_on_a_demo_it_does_nothing_more(db: None, access_file: Path) -> None:
    DemoMark.objects.create(seed=1)
    said = StringIO()
    call_command("seed_demo", stores=6, orders=60, stdout=said)
    assert "already holds the demo" in said.getvalue()
    assert not Location.objects.exists()


def test_what_breaks_halfway_leaves_nothing(db: None, access_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> int:
        raise RuntimeError("the power went")

    monkeypatch.setattr(building, "shelve_all", fail)
    with pytest.raises(RuntimeError):
        building.build(PLAN, access_file=access_file, say=lambda line: None)
    assert not Location.objects.exists()
    assert not DemoMark.objects.exists()
    assert not access_file.exists()


def test_without_a_demo_there_is_no_access(access_file: Path) -> None:
    with pytest.raises(CommandError, match="no demo"):
        call_command("demo_access", stdout=StringIO())


def test_a_demo_made_at_night_has_nothing_from_the_morning(db: None, access_file: Path, time_machine: Any) -> None:
    now = dt.datetime(2026, 11, 21, 0, 30, tzinfo=dt.UTC)
    time_machine.move_to(now, tick=False)
    building.build(PLAN, access_file=access_file, say=lambda line: None)
    assert not Order.objects.filter(placed_at__gt=now).exists()
    assert not ContactMoment.objects.filter(occurred_at__gt=now).exists()
    # and customers were known before they first bought something
    first = Order.objects.filter(currency="EUR").order_by("placed_at").values_list("placed_at", flat=True)[0]
    assert Customer.objects.filter(since__lt=first).count() == PLAN.people
