from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import grant_access
from apps.customers.models import Customer
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.service.guidance.models import Policy
from apps.service.guidance.writing import draft_policy, publish_policy, put_rule
from apps.service.models import Topic


@pytest.fixture
def publish(db: None) -> Callable[..., Policy]:
    """A version with these rules, each a name and what it says: (name, what to say, conditions)."""

    def make(*rules: tuple[str, str, dict[str, Any]], valid_from: Any = None, publishes: bool = True) -> Policy:
        policy = draft_policy(valid_from=valid_from or timezone.localdate())
        policy.rules.all().delete()
        for name, say, given in rules:
            conditions = dict(given)
            if "topic" in conditions:
                conditions["topic"] = Topic.objects.get(code=conditions["topic"])
            put_rule(policy=policy, name=name, texts={"say": {"nl": say, "en": say}}, **conditions)
        if publishes:
            publish_policy(policy=policy, principal=None)
        return Policy.objects.get(pk=policy.pk)

    return make


@pytest.fixture
def jan(db: None) -> Customer:
    person = Person(source="webshop", email="j.jansen@example.org", email_is_verified=True, first_name="Jan")
    [record] = recognise([person], actor="system")
    return Customer.objects.get(source_records=record)


@pytest.fixture
def look(browse: Callable[[User], Client]) -> Callable[..., Client]:
    """The browser of somebody who looked a customer up."""

    def open_to(user: User, customer: Customer, purpose: str = "service") -> Client:
        grant_access(
            principal=user, object_type="customer", object_key=str(customer.key), purpose=purpose, evidence="email"
        )
        return browse(user)

    return open_to


@pytest.fixture
def browse() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in
