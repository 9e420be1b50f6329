"""What a customer opens by saying who they are costs nothing of what everybody else is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from apps.accounts.roles import Role
from apps.accounts.services import grant_access
from apps.core.reach import forget_reach
from apps.customers.models import Customer
from apps.network.models import LegalEntity
from apps.orders.models import Order
from apps.returns.models import Return
from apps.service.models import ContactMoment, Question
from tests.portal.conftest import make_store
from tests.staff import person

pytestmark = pytest.mark.django_db


def _read_for_each_row(plan: dict[str, Any]) -> Iterator[str]:
    """The tables of a plan, without those that are read once before it."""
    if table := plan.get("Relation Name"):
        yield table
    for below in plan.get("Plans", []):
        if below["Parent Relationship"] != "InitPlan":
            yield from _read_for_each_row(below)


@pytest.mark.parametrize("model", [Order, Return, ContactMoment, Question])
def test_beside_ones_own_what_was_opened_is_found_without_joining_every_customer(model: Any) -> None:
    # given
    owner = LegalEntity.objects.create(code="R", name="Retailer", kind="retailer")
    associate = person("Sanne", Role.STORE_ASSOCIATE, location=make_store("S001", owner))
    for name in ("Jan", "Marijke"):
        customer = Customer.objects.create(name=name)
        grant_access(
            principal=associate,
            object_type="customer",
            object_key=str(customer.key),
            purpose="counter",
            evidence="card",
        )
    forget_reach(associate)
    # when
    text, parameters = model.objects.visible_to(associate).order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {text}", parameters)
        ((found,),) = cursor.fetchall()
    plan = json.loads(found) if isinstance(found, str) else found
    # then
    read = set(_read_for_each_row(plan[0]["Plan"]))
    assert model._meta.db_table in read
    assert not {table for table in read if table.startswith("customers_")}
