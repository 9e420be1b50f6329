"""Who was forgotten stays forgotten: an import does not bring them back, and neither does a restore of the database."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.events.models import Origin
from apps.customers.importing.receiving import receive_people
from apps.customers.importing.session import PeopleSession
from apps.customers.models import Customer, Erasure, Identifier, PersonDetails, SourceRecord
from apps.customers.reconciling import erasures_unlike_their_file
from apps.customers.rights import erasing, keeping
from apps.customers.rights.erasing import erase
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.customers.test_erasing import TRACES, dump, fenna

pytestmark = pytest.mark.django_db

__all__ = ["fenna"]

HERSELF = Person(
    source="oldshop",
    external_id="8801",
    first_name="Fenna",
    last_name="Terpstra",
    email="fenna.terpstra@example.org",
    street="Kanaalpad",
    house_number="7",
    postcode="8911KX",
)


@pytest.fixture
def forgotten(fenna: Customer, django_capture_on_commit_callbacks: Any) -> Customer:
    with django_capture_on_commit_callbacks(execute=True):
        erase(customer=fenna, principal=None)
    return fenna


def history(person: Person) -> int | None:
    [record_id] = recognise([person], actor="import", origin=Origin.HISTORY)
    return record_id


def restore() -> None:
    """The database as a back-up from before the erasure has it: Fenna is there, and nobody knows that she was forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_erasure DISABLE TRIGGER ALL")
        Erasure.objects.all().delete()
        cursor.execute("ALTER TABLE customers_erasure ENABLE TRIGGER ALL")


@pytest.mark.parametrize(
    "person",
    [
        HERSELF,
        replace(
            HERSELF, email="Fenna.Terpstra@Example.org ", last_name="Andersma", street="", postcode="", house_number=""
        ),
        replace(HERSELF, email="", phone="06 1234 4812", street="", postcode="", house_number=""),
        replace(HERSELF, email="f@example.org", first_name="F."),
        Person(source="oldshop", external_id="1", loyalty_card="9000000123"),
        Person(source="webshop", external_id="account:web-4711", first_name="Fenna"),
        Person(source="oldshop", phone="+31612344812"),
    ],
    ids=["file", "address", "phone and name", "house and name", "card", "the shop's own key", "phone alone"],
)
def test_what_is_told_of_the_past_does_not_bring_somebody_back(forgotten: Customer, person: Person) -> None:
    # when
    before = dump()
    record_id = history(person)

    # then
    assert record_id is None
    assert dump() == before


def test_whoever_shares_the_house_or_the_phone_is_imported(forgotten: Customer) -> None:
    # then
    assert history(
        replace(HERSELF, external_id="8802", first_name="Sjoerd", email="sjoerd@example.org", phone="0612344812")
    )
    assert history(Person(source="oldshop", external_id="web-4711", account_id="web-4711", last_name="Bakker"))


def test_somebody_who_comes_back_is_new_and_of_before_nothing_follows(forgotten: Customer) -> None:
    # when
    [record_id] = recognise([replace(HERSELF, source="webshop", email_is_verified=True)], actor="webshop")

    # then
    assert record_id is not None
    assert Customer.objects.get(source_records=record_id).pk != forgotten.pk
    assert history(HERSELF) is None
    assert SourceRecord.objects.filter(source="oldshop").count() == 0


def test_a_file_of_customers_leaves_them_out_and_counts_them(forgotten: Customer) -> None:
    # given
    rows = [
        {"external_id": "8801", "email": "fenna.terpstra@example.org", "first_name": "Fenna", "last_name": "Terpstra"},
        {"external_id": "8802", "email": "jan@example.org", "first_name": "Jan"},
    ]

    # when
    counts = receive_people(rows, session=PeopleSession(system="oldshop", verified=True, country="NL", actor="import"))

    # then
    assert (counts["forgotten"], counts["new"]) == (1, 1)
    assert [line for line in dump().splitlines() if "terpstra" in line] == []


def test_an_order_asks_nothing_more(forgotten: Customer) -> None:
    # when
    with CaptureQueriesContext(
        connection,
    ) as queries:
        recognise([replace(HERSELF, source="webshop")], actor="webshop")

    # then
    assert not any("customers_erasure" in query["sql"] for query in queries)


def test_what_is_kept_says_nothing_of_who_it_was(forgotten: Customer, settings: Any) -> None:
    # then
    file = Path(settings.ERASURES)
    [line] = file.read_text().splitlines()
    assert json.loads(line).keys() == {"id", "at", "customer", "records", "digests"}
    assert not any(trace in line.lower() for trace in TRACES[:6])
    assert file.stat().st_mode & 0o077 == 0


def test_after_a_restore_they_are_forgotten_again_and_once(fenna: Customer, settings: Any, tmp_path: Path) -> None:
    # given: the file that an erasure after the back-up wrote
    settings.ERASURES = tmp_path / "erasures.jsonl"
    erasure = Erasure.objects.create(
        customer_key=fenna.key,
        records=list(fenna.source_records.values_list("key", flat=True)),
        digests=sorted(erasing.digests_of(list(fenna.source_records.values_list("pk", flat=True)))),
    )
    keeping.write_down()
    restore()
    said, again = io.StringIO(), io.StringIO()

    # when
    call_command("replay_erasures", stdout=said)
    after = dump()
    call_command("replay_erasures", stdout=again)

    # then
    assert said.getvalue() == "1 erasures were unknown to this database; 1 people erased again\n"
    assert again.getvalue() == "0 erasures were unknown to this database; 0 people erased again\n"
    assert [line for line in after.splitlines() if any(trace in line for trace in TRACES[:6])] == []
    assert dump() == after
    assert list(Erasure.objects.all()) == [erasure]
    assert len(settings.ERASURES.read_text().splitlines()) == 1
    assert history(HERSELF) is None


def test_a_replay_leaves_alone_whom_the_backup_still_had_as_one_with_them(
    fenna: Customer, settings: Any, tmp_path: Path
) -> None:
    # given: at the time of the back-up somebody with the same card was taken for her
    [other] = recognise(
        [Person(source="tills", loyalty_card="9000000123", first_name="Douwe", email="douwe@example.org")], actor="test"
    )
    hers = SourceRecord.objects.get(source="webshop")
    assert SourceRecord.objects.get(pk=other).customer_id == hers.customer_id
    settings.ERASURES = tmp_path / "erasures.jsonl"
    Erasure.objects.create(customer_key=fenna.key, records=[hers.key], digests=[])
    keeping.write_down()

    # when
    call_command("replay_erasures", stdout=io.StringIO())

    # then
    fenna.refresh_from_db()
    assert (fenna.name, fenna.email) == ("Douwe", "douwe@example.org")
    assert not PersonDetails.objects.filter(first_name="Fenna").exists()


def test_who_cannot_be_erased_yet_is_named_by_key_and_erased_later(
    fenna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    keys = list(fenna.source_records.values_list("key", flat=True))
    Erasure.objects.create(customer_key=fenna.key, records=keys, digests=[])
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_blocks", [lambda records: "An order is on its way."])
        said = io.StringIO()

        # then
        with pytest.raises(CommandError, match="1 people cannot be erased yet"):
            call_command("replay_erasures", stdout=io.StringIO(), stderr=said)
        assert said.getvalue() == f"customer {fenna.key}: An order is on its way.\n"
    call_command("replay_erasures", stdout=io.StringIO())
    assert not Identifier.objects.filter(value__contains="fenna").exists()


def test_a_line_that_was_torn_is_written_again(forgotten: Customer, settings: Any) -> None:
    # given
    file = Path(settings.ERASURES)
    whole = file.read_bytes()
    file.write_bytes(whole[:40])

    # when
    keeping.write_down()

    # then
    assert file.read_bytes() == whole[:40] + b"\n" + whole
    assert [erasure.pk for erasure in keeping.read()] == [Erasure.objects.get().pk]


def test_the_books_say_when_the_file_and_the_database_differ(forgotten: Customer, settings: Any) -> None:
    # given
    assert differing() == []

    # then
    Path(settings.ERASURES).rename(f"{settings.ERASURES}.away")
    assert differing() == [("erasures only in the database", 1)]
    Path(f"{settings.ERASURES}.away").rename(settings.ERASURES)
    restore()
    assert differing() == [("erasures only in the file", 1)]


def differing() -> list[tuple[str, Any]]:
    return [(one.what, one.stored) for one in erasures_unlike_their_file()]
