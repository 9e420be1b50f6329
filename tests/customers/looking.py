"""Customers to look for, and what stands in the review."""

from typing import Any

from apps.customers.models import Finding, Look
from apps.customers.services.people import Person


def person(n: int, **more: Any) -> Person:
    known: dict[str, Any] = {"email": f"p{n}@example.org", "email_is_verified": True, "first_name": f"P{n}"}
    return Person(source="webshop", account_id=f"web-{n}", **(known | more))


def found() -> set[tuple[str, str]]:
    return set(Finding.objects.values_list("rule", "principal"))


def outcomes(**of: Any) -> list[str]:
    return list(Look.objects.filter(**of).order_by("pk").values_list("outcome", flat=True))
