"""What a customer says about mail while ordering: consent, objection, and a purchase that allows it until they object."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.customers.models import Consent, MatchEvent, SourceRecord
from apps.customers.segments.measures import Asked, measure_called
from apps.customers.services.consenting import (
    customers_allowing,
    may_use,
    may_write_to,
    record_consent,
    record_soft_opt_in,
    standings,
)
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from tests.shop import ALL_SCOPES

TOLD = {"purpose": "newsletter", "basis": "soft_opt_in", "given": True, "text_version": "2026-11"}
JAN = "j.jansen@example.org"


def place(shop: Any, *said: dict[str, Any], status: int = 201, **changes: Any) -> Any:
    answer = shop.post("orders/", shop.order_body(consents=list(said), **changes))
    assert answer.status_code == status, answer.content
    return answer.json()


def record_of(order: dict[str, Any]) -> int:
    found = Order.objects.get(number=order["number"]).source_record_id
    assert found is not None
    return found


def test_who_bought_was_told_and_did_not_object_may_be_written_to_for_two_years(shop):
    # when
    order = place(shop, TOLD)

    # then
    word = Consent.objects.get()
    assert (word.given, word.basis, word.order_number) == (True, "soft_opt_in", order["number"])
    assert (word.text_version, word.proof, word.purpose) == ("2026-11", "web", "newsletter")
    assert may_write_to(record_of(order), purpose="newsletter", address=JAN)
    assert not may_write_to(record_of(order), purpose="newsletter", address="somebody.else@example.org")
    assert not may_use([record_of(order)], "personal_offers")
    with time_machine.travel(Order.objects.get().placed_at + dt.timedelta(days=731), tick=False):
        assert not may_write_to(record_of(order), purpose="newsletter", address=JAN)


def test_the_same_order_says_it_once(shop):
    # given
    body = shop.order_body(consents=[TOLD])

    # when
    answers = [shop.post("orders/", body, key=key) for key in ("k1", "k1", "k2")]

    # then
    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert Consent.objects.count() == 1


def test_who_objects_gets_nothing_and_the_next_purchase_does_not_overrule_it(shop):
    # when
    order = place(shop, TOLD | {"given": False})
    place(shop, TOLD)

    # then
    assert [(word.given, word.basis) for word in Consent.objects.all()] == [(False, "consent")]
    assert not may_use([record_of(order)], "newsletter")


def test_who_withdrew_is_not_written_to_again_because_they_bought_something(shop):
    # given
    record = record_of(place(shop, TOLD))
    record_consent(source_record_id=record, purpose="newsletter", given=False, text_version="", proof="link")

    # when
    place(shop, TOLD)

    # then
    assert not may_use([record], "newsletter")


def test_a_box_that_was_ticked_is_consent_by_its_own_name(shop):
    # when
    order = place(
        shop,
        {"purpose": "personal_offers", "given": True, "text_version": "2026-11", "locale": "nl"},
        {"purpose": "newsletter", "given": False, "text_version": "2026-11"},
    )

    # then
    words = {word.purpose: word for word in Consent.objects.all()}
    assert (words["personal_offers"].basis, words["personal_offers"].expires_at) == ("consent", None)
    assert words["personal_offers"].proof == f"web, {order['number']}"
    assert may_use([record_of(order)], "personal_offers")
    assert not may_use([record_of(order)], "newsletter")


@pytest.mark.parametrize(
    ("said", "changes", "attr", "code"),
    [
        ([TOLD | {"purpose": "personal_offers"}], {}, "consents.0.basis", "wants_consent"),
        ([TOLD | {"purpose": "profiling"}], {}, "consents.0.basis", "wants_consent"),
        ([TOLD], {"customer": None}, "customer.email", "required"),
        ([TOLD], {"customer": {"phone": "+31612345678"}}, "customer.email", "required"),
        ([TOLD, TOLD], {}, "consents", "invalid"),
        ([TOLD | {"basis": "silence"}], {}, "consents.0.basis", "invalid_choice"),
    ],
)
def test_what_the_law_does_not_allow_is_refused_with_its_field_and_nothing_is_ordered(shop, said, changes, attr, code):
    # when
    answer = place(shop, *said, status=400, **changes)

    # then
    assert [(error["attr"], error["code"]) for error in answer["errors"]] == [(attr, code)]
    assert not Order.objects.exists()
    assert not SourceRecord.objects.exists()
    assert not Consent.objects.exists()


def test_a_system_that_may_not_write_of_customers_says_nothing_for_them(shop):
    # given
    ApiClient.objects.update(scopes=[scope for scope in ALL_SCOPES if scope != Scope.CUSTOMERS_WRITE])

    # when
    place(shop, TOLD, status=403)
    order = shop.post("orders/", shop.order_body())

    # then
    assert (order.status_code, Order.objects.count(), Consent.objects.count()) == (201, 1, 0)


def test_what_was_never_paid_was_no_purchase_and_an_earlier_one_still_counts(shop):
    # given
    first, second = (place(shop, TOLD, external_id=number, payments=[]) for number in ("WEB-1", "WEB-2"))
    record_id = record_of(first)
    assert record_of(second) == record_id

    # when
    cancel(number=second["number"], actor="system")

    # then
    assert may_write_to(record_id, purpose="newsletter", address=JAN)
    assert standings([record_id])["newsletter"].word.order_number == first["number"]


@pytest.mark.parametrize("in_turn", [(0, 1), (1, 0)])
def test_of_two_orders_that_came_to_nothing_nothing_is_left(in_turn, shop):
    # given
    placed = [place(shop, TOLD, external_id=number, payments=[]) for number in ("WEB-1", "WEB-2")]
    record_id = record_of(placed[0])

    # when: they lapse, in whatever order
    for which in in_turn:
        cancel(number=placed[which]["number"], actor="system")

    # then
    assert not may_write_to(record_id, purpose="newsletter", address=JAN)
    assert not customers_allowing([SourceRecord.objects.get().customer_id], "newsletter")
    assert "newsletter" not in standings([record_id])

    # when: a purchase after that
    place(shop, TOLD, external_id="WEB-3", placed_at=timezone.now().isoformat())

    # then
    assert may_write_to(record_id, purpose="newsletter", address=JAN)


def test_a_cancelled_order_leaves_alone_what_the_customer_said_since(shop):
    # given
    order = place(shop, TOLD, payments=[])
    record_consent(
        source_record_id=record_of(order), purpose="newsletter", given=True, text_version="2026-11", proof="web"
    )

    # when
    cancel(number=order["number"], actor="system")

    # then
    assert may_write_to(record_of(order), purpose="newsletter", address=JAN)


def test_a_cancelled_order_leaves_alone_what_the_customer_said_elsewhere(shop):
    # given: the order on one record, their own yes on another of the same customer
    order = place(shop, TOLD, payments=[])
    app = SourceRecord.objects.create(source="app", external_id="1", customer_id=SourceRecord.objects.get().customer_id)
    record_consent(source_record_id=app.pk, purpose="newsletter", given=True, text_version="2026-11", proof="app")

    # when
    cancel(number=order["number"], actor="system")

    # then
    assert may_use([record_of(order), app.pk], "newsletter")


def test_a_cancelled_order_does_not_undo_what_another_purchase_of_the_same_customer_allows(shop):
    # given: a paid order on one record, and one on another
    paid = place(shop, TOLD)
    app = SourceRecord.objects.create(source="app", external_id="1", customer_id=SourceRecord.objects.get().customer_id)
    unpaid = place(shop, external_id="WEB-2", payments=[])
    Order.objects.filter(number=unpaid["number"]).update(source_record=app)
    record_soft_opt_in(
        source_record_id=app.pk,
        purpose="newsletter",
        order_number=unpaid["number"],
        text_version="2026-11",
        proof="web",
        at=timezone.now(),
    )

    # when
    cancel(number=unpaid["number"], actor="system")

    # then
    assert may_write_to(record_of(paid), purpose="newsletter", address=JAN)


def test_a_cancelled_order_does_not_bring_back_what_another_objected_to_before_they_were_joined(shop):
    # given: two orders; somebody else objects, and the two turn out to be one
    paid = place(shop, TOLD)
    lapses = place(shop, TOLD, external_id="WEB-2", payments=[])
    here = SourceRecord.objects.get()
    [other_id] = recognise([Person(source="app", account_id="a1", first_name="Jan")], actor="test")
    record_consent(source_record_id=other_id, purpose="newsletter", given=False, text_version="", proof="app")
    there = SourceRecord.objects.get(pk=other_id)
    MatchEvent.objects.create(
        source_record=there, customer_key=here.customer.key, kind="joined", rule_version="1", actor="test"
    )
    SourceRecord.objects.filter(pk=other_id).update(customer=here.customer)
    assert not may_use([here.pk, other_id], "newsletter")

    # when
    cancel(number=lapses["number"], actor="system")

    # then
    assert not may_use([record_of(paid), other_id], "newsletter")


def test_a_segment_sees_past_an_order_that_came_to_nothing(shop):
    # given
    first, second = (place(shop, TOLD, external_id=number, payments=[]) for number in ("WEB-1", "WEB-2"))
    measure = measure_called("customers.consent")
    assert measure is not None

    def said_yes() -> list[str]:
        return list(measure.rows(Asked(values=("newsletter",))).values_list("order_number", flat=True))

    # when, then
    cancel(number=second["number"], actor="system")
    assert said_yes() == [first["number"]]
    cancel(number=first["number"], actor="system")
    assert said_yes() == []


def test_what_was_paid_was_a_purchase_also_when_it_is_called_off(shop):
    # given
    order = place(shop, TOLD)

    # when
    cancel(number=order["number"], actor="system")

    # then
    assert may_write_to(record_of(order), purpose="newsletter", address=JAN)
