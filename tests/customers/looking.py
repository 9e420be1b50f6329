"""Customers to look for, and what stands in the review."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import User
from apps.customers.models import Customer, Finding, Look
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise

NOON = dt.datetime(2026, 11, 18, 11, 0, tzinfo=dt.UTC)


def person(n: int, **more: Any) -> Person:
    known: dict[str, Any] = {"email": f"p{n}@example.org", "email_is_verified": True, "first_name": f"P{n}"}
    return Person(source="webshop", account_id=f"web-{n}", **(known | more))


def found() -> set[tuple[str, str]]:
    return set(Finding.objects.values_list("rule", "principal"))


def outcomes(**of: Any) -> list[str]:
    return list(Look.objects.filter(**of).order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def jan() -> Customer:
    [record] = recognise([person(1, postcode="3511AB", house_number="12")], actor="system")
    return Customer.objects.get(source_records=record)


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")
