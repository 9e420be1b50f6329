"""The file for who asks what we know of them: all of it, and nobody else."""

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from apps.accounts.models import PersonalExport, User
from apps.core.privacy.erasing import tables_by_key
from apps.core.privacy.register import own_models
from apps.customers.models import Customer, SourceRecord
from apps.customers.review.noting import note_view
from apps.customers.review.services import watch
from apps.customers.rights.handling import check_identity, receive
from apps.customers.rights.telling import answer, tellings
from apps.customers.rights.writing import as_json, as_pdf
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.customers.services.signing_up import change_details
from apps.network.models import Location
from apps.service.models import ContactMoment, Question
from tests.customers.test_erasing import fenna

__all__ = ["fenna"]

pytestmark = pytest.mark.django_db

STAFF = ("Samira el Amrani", "Bo Jansen")


@pytest.fixture
def colleagues() -> list[User]:
    return [User.objects.create_user(f"{name.split()[0].lower()}@toonbank.example", name=name) for name in STAFF]


@pytest.fixture
def household(fenna: Customer, colleagues: list[User]) -> Customer:
    """A man who lives with Fenna, of whom the desk wrote in her contacts; and somebody else of whom nothing is hers."""
    recognise(
        [
            Person(
                source="webshop",
                first_name="Sjoerd",
                last_name="Terpstra",
                email="sjoerd.t@example.org",
                phone="0687654321",
                street="Kanaalpad",
                house_number="7",
                postcode="8911KX",
                birth_date="1979-05-06",
            ),
            Person(source="webshop", first_name="Willemijn", last_name="Oosterhuis", email="w.oosterhuis@example.org"),
        ],
        actor="test",
    )
    [record] = fenna.source_records.all()
    text = (
        "Samira gebeld. Sjoerd (sjoerd.t@example.org, 06-87654321) haalt de vaas op. Order T48101273642. "
        "Zelf te bereiken op 06 1234 4812 of fenna.terpstra@example.org. Groet, Bo Jansen"
    )
    contact = ContactMoment.objects.create(
        source="desk",
        external_id="2",
        source_record=record,
        channel="phone",
        topic_id="product",
        text=text,
        actor="user:1",
        handled_by="Samira el Amrani",
        business_date=dt.date(2026, 11, 2),
    )
    Question.objects.create(
        contact=contact,
        source_record=record,
        text="Bo, ligt de vaas klaar?",
        actor="user:1",
        asked_by="Bo Jansen",
        asked_at=timezone.now(),
    )
    note_view(principal=colleagues[0], part="customers:customer", customer_key=fenna.key)
    return fenna


def told(customer: Customer, language: str = "nl") -> tuple[str, dict[str, Any]]:
    text = as_json(answer(customer, language=language)).decode()
    return text, {chapter["name"]: chapter for chapter in json.loads(text)["chapters"]}


def test_every_table_about_a_customer_is_told_of() -> None:
    # what is exported of the register, and every table with a key to a person
    told_of = {model for telling in tellings() for model in telling.models}
    of_register = {model for model, fields in tables_by_key() if any(personal.export for personal in fields.values())}
    assert of_register - told_of == set()


def test_all_that_is_known_is_told_in_the_language_of_the_person(household: Customer) -> None:
    text, chapters = told(household)
    for datum in (
        "Fenna Terpstra",
        "fenna.terpstra@example.org",
        "+31612344812",
        "9000000123",
        "Kanaalpad 7",
        "8911KX",
        "Nieuwsbrief",
        "Mevrouw Terpstra belde over de vaas",
        "Beste Fenna",
        "haalt de vaas op",
    ):
        assert datum in text, datum
    assert chapters["customers.details"]["title"] == "Wie u bent"
    assert all(chapter["purpose"] and chapter["kept"] for chapter in chapters.values())
    assert "Who you are" in told(household, "en")[0]


OTHERS = (
    "Sjoerd",
    "sjoerd.t@example.org",
    "87654321",
    *("1979-05-06", "05-1979", "mei 1979", "May 1979"),  # the bare year stands in a number by chance
    "Willemijn",
    "Oosterhuis",
    "Samira",
    "el Amrani",
    "Bo Jansen",
    "toonbank.example",
    "user:",
)


def test_exports_name_nobody_else(household: Customer) -> None:
    text, _chapters = told(household)
    assert [other for other in OTHERS if other in text] == []
    assert "Order T48101273642" in text  # an order is no telephone
    assert "06 1234 4812 of fenna.terpstra@example.org" in text  # her own stay


def test_their_store_initials_household_and_that_they_are_watched_over_are_told(
    household: Customer, colleagues: list[User], make_location: Callable[..., Location]
) -> None:
    # given
    [record] = household.source_records.all()
    change_details(customer=household, source="webshop", changes={"initials": "F.J."})
    SourceRecord.objects.filter(pk=record.pk).update(home_location=make_location("S777", name="Dokkum"))
    watch(source_record_id=record.pk, principal=colleagues[0])

    # when
    text, chapters = told(household, "en")

    # then
    newest = chapters["customers.details"]["rows"][-1]
    assert (newest["name"], newest["initials"], newest["home_store"]) == ("Fenna Terpstra", "F.J.", "Dokkum")
    [home] = chapters["customers.household"]["rows"]
    assert home["what"] == "Seen as one household with others at the address you gave"
    [care] = chapters["customers.watched"]["rows"]
    assert care["what"] == "Each time somebody looks at your data is reviewed"
    assert [other for other in OTHERS if other in text] == []


def test_looks_are_told_with_when_and_what_for_and_without_who(household: Customer) -> None:
    _text, chapters = told(household)
    [look] = chapters["customers.looks"]["rows"]
    assert look.keys() >= {"at", "role", "what"}
    assert "Samira" not in str(look)


def words_of_pdf(content: bytes) -> str:
    """What somebody reads in it, or a program that reads it aloud; lines are broken anywhere."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_pdf_can_be_read_and_spells_every_name(household: Customer) -> None:
    # given: names with letters of all of Europe
    change_details(
        customer=household, source="webshop", changes={"first_name": "Şükran", "last_name": "Łukasiewicz-Ωμέγα"}
    )
    household.refresh_from_db()

    # when
    content = as_pdf(answer(household, language="nl"))
    read = words_of_pdf(content)

    # then
    for datum in (
        "Şükran",
        "Łukasiewicz-Ωμέγα",
        "fenna.terpstra@example.org",
        "Kanaalpad 7",
        "8911KX",
        "Wie u bent",
        "Mevrouw Terpstra belde over de vaas",
        "Order T48101273642",
    ):
        assert datum in read, datum
    assert [other for other in OTHERS if other in read] == []
    assert len(content) < 400_000


def test_no_sign_of_the_pdf_is_a_box(household: Customer) -> None:
    """A sign that its font has no shape for cannot be read from it."""
    known = answer(household, language="nl")
    values = [value for chapter in known.chapters for row in chapter.rows for value in row.values()]
    told = {sign for value in values if isinstance(value, str) for sign in value}
    heads = {sign for chapter in known.chapters for sign in chapter.title + chapter.purpose + chapter.kept}
    assert (told | heads) - set(words_of_pdf(as_pdf(known))) - set(" \n") == set()


def test_only_the_officer_makes_it_and_that_is_written_down(
    household: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    officer = make_user("privacy_officer")
    request = receive(
        customer=household, kind="access", came="mail", received_on=timezone.localdate(), principal=officer
    )
    here, path = browse(officer), f"/privacy/{request.number}/file/"
    form = {"file_format": "pdf", "language": "nl", "read": "on"}

    # when it is not known yet who asks
    assert here.post(path, form).status_code == 409
    check_identity(request=request, how="answered", principal=officer)
    assert here.post(path, form | {"read": ""}).status_code == 422
    file = here.post(path, form)

    # then
    assert file["Content-Type"] == "application/pdf"
    assert file["Cache-Control"] == "no-store, private"
    export = PersonalExport.objects.get()
    assert (export.filters, export.purpose, export.principal) == (request.number, "authority", f"user:{officer.pk}")
    assert request.steps.filter(kind="exported").count() == 1
    assert browse(make_user("head_office")).post(path, form).status_code == 403
    assert browse(make_user("service_agent")).post(path, form).status_code == 403


def test_every_key_to_a_person_is_decided_about() -> None:
    """A table that names a source record and is told of in no chapter is one of these, whose rows say nothing by themselves."""
    named = {
        model.__name__
        for model in own_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model is SourceRecord
    }
    told_of = {model.__name__ for telling in tellings() for model in telling.models}
    assert named - told_of == {
        "ContactEvent",
        "ContactPerson",
        "Doubt",
        "MatchEvent",
        "MonthlySpend",
        "Order",
        "Return",
    }
