"""Customers sent by machine: good rows are booked, bad ones wait with their reason until they are sent again."""

import pytest
from django.core.management import CommandError, call_command

from apps.core.models import InboxDocument, Quarantined
from apps.customers.models import Customer, SourceRecord

FILE = (
    "id;email;voornaam;geboortedatum\n1;a@example.org;Anna;21-3-1974\n2;nobody;Bram;\n3;c@example.org;Cas;31-2-1980\n"
)


@pytest.fixture
def send(db, tmp_path, capsys):
    def send(content: str, **options) -> str:
        path = tmp_path / "customers.csv"
        path.write_text(content, encoding="utf-8")
        call_command("import_customers", path, **({"system": "oldshop", "verified": True} | options))
        return " ".join(capsys.readouterr().out.split())

    return send


def test_a_bad_row_never_costs_the_good_ones(send):
    # when
    assert send(FILE) == "1 new 2 set apart, with the reason, in quarantine"
    # then
    assert SourceRecord.objects.get(source="oldshop").external_id == "1"
    apart = {row.external_id: row for row in Quarantined.objects.open()}
    assert {key: (row.field, row.value, row.code) for key, row in apart.items()} == {
        "2": ("email", "nobody", "invalid_email"),
        "3": ("birth_date", "31-2-1980", "invalid_date"),
    }
    assert apart["2"].source == "import:oldshop"
    assert "no e-mail address" in apart["2"].reason_shown() or "geen e-mailadres" in apart["2"].reason_shown()


def test_sending_again_mends_what_was_wrong_and_changes_nothing_else(send):
    send(FILE)
    customers = Customer.objects.count()
    # the same file once more
    assert send(FILE) == "1 booked before, word for word 2 set apart, with the reason, in quarantine"
    assert (Customer.objects.count(), InboxDocument.objects.count()) == (customers, 3)
    # mended
    assert send(FILE.replace("nobody", "b@example.org").replace("31-2", "28-2")).startswith("2 new 1 booked before")
    assert not Quarantined.objects.open().exists()
    assert SourceRecord.objects.filter(source="oldshop").count() == 3


def test_who_is_known_already_is_recognised(send):
    send("id;email\n1;a@example.org\n")
    said = send("id;email\n77;A@example.org\n", system="app")
    assert said == "1 new 1 of the new ones recognised as somebody we know"
    assert Customer.objects.count() == 1


def test_what_cannot_be_read_is_said(send, tmp_path):
    for options in ({"system": "no such name!"}, {"country": "Netherlands"}, {"column": ["email=Mail"]}):
        with pytest.raises(CommandError):
            send(FILE, **options)
    with pytest.raises(CommandError):
        call_command("import_customers", tmp_path / "none.csv", system="oldshop")
    assert not SourceRecord.objects.exists()
