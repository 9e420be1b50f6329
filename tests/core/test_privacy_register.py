import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from apps.core.events.models import Event
from apps.core.ledger.models import LedgerRow
from apps.core.privacy import register
from apps.core.privacy.register import (
    BY_WORDS,
    About,
    Personal,
    declare,
    own_models,
    personal_fields,
    subjects_of,
    undecided,
    without_subject,
)
from apps.network.models import Ownership
from apps.orders.models import OrderContact


def test_every_column_that_can_hold_words_is_declared_personal_or_impersonal() -> None:
    assert undecided() == []


def test_a_column_that_nobody_decided_about_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    known = register._register[OrderContact]
    fewer = {name: personal for name, personal in known.personal.items() if name != "phone"}
    monkeypatch.setitem(register._register, OrderContact, register.Declaration(fewer, known.impersonal))

    # then
    assert undecided() == ["orders.OrderContact.phone"]


def test_ledgers_and_events_hold_nothing_personal() -> None:
    # given
    for_ever = [model for model in own_models() if issubclass(model, LedgerRow | Event)]

    # then
    assert len(for_ever) >= 5
    assert not set(for_ever) & set(personal_fields())


def test_what_is_known_of_customers_can_be_told_from_what_is_known_of_staff() -> None:
    # when
    customers, staff = personal_fields(about=About.CUSTOMER), personal_fields(about=About.STAFF)

    # then
    assert "email" in customers[OrderContact]
    assert OrderContact not in staff
    assert {model._meta.label for model in staff} >= {"accounts.User", "service.ContactMoment"}


@pytest.mark.parametrize(
    ("model", "personal", "impersonal"),
    [
        (Ownership, {"note": Personal("note")}, ()),
        (Ownership, {"valid": Personal("period")}, {"valid"}),
        (OrderContact, {}, {"name"}),
    ],
    ids=["no such column", "both", "twice"],
)
def test_a_declaration_that_cannot_be_is_a_mistake(
    model: type[models.Model], personal: dict[str, Personal], impersonal: tuple[str, ...]
) -> None:
    with pytest.raises(ImproperlyConfigured):
        declare(model, personal=personal, impersonal=impersonal)


def test_a_ledger_cannot_be_declared_to_hold_something_personal(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.delitem(register._register, Event)

    # then
    with pytest.raises(ImproperlyConfigured, match="nothing personal"):
        declare(Event, personal={"payload": Personal("what happened")})


def test_every_table_about_customers_says_how_a_row_leads_to_the_person() -> None:
    # then
    assert without_subject() == []
    for model in personal_fields(about=About.CUSTOMER):
        for path in subjects_of(model):
            if subjects_of(model) != BY_WORDS:
                assert str(model._default_manager.filter(**{f"{path}__in": [1]}).query)


def test_a_table_about_customers_that_does_not_say_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    known = register._register[OrderContact]
    monkeypatch.setitem(register._register, OrderContact, register.Declaration(known.personal, known.impersonal))

    # then
    assert without_subject() == ["orders.OrderContact"]
