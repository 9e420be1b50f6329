"""Somebody who did everything one can do here is forgotten: no word of theirs is left in the database or the data folder."""

import codecs
import datetime as dt
import io
import quopri
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.mail.backends.filebased import EmailBackend
from django.utils import timezone

from apps.accounts.models import User
from apps.core.acting import because
from apps.core.events.subscribers import catch_up
from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.core.models import InboxDocument, Job, Quarantined
from apps.customers.models import Consent, Customer, SourceRecord
from apps.customers.resolving.arriving import match_waiting
from apps.customers.rights.correcting import correct
from apps.customers.rights.handling import check_identity, extend, receive
from apps.customers.rights.protecting import protect
from apps.customers.services.consenting import record_consent
from apps.messages.services.sending import send_due
from apps.portal.models import Import
from apps.service.models import ContactMoment
from tests.customers.test_erasing import dump, unreconciled
from tests.shop import open_shop

pytestmark = pytest.mark.django_db

# Every datum of hers, as it may be spelled. None of them is a word that is in the shop anyway.
DATA = (
    "roosmarijn",
    "kuipers-haan",
    "roos.kuipers@example.org",
    "31612398745",
    "0612398745",
    "06-12398745",
    "9000000777",
    "zwaluwpad",
    "9711zz",
    "1981-07-19",
    "web-roos",
    "hoogtevrees",
    "81.2.69.142",
)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder with mail in files, files of jobs, and the erasures."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ERASURES = tmp_path / "erasures.jsonl"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return tmp_path


def everything_in(folder: Path) -> str:
    """Every file, its name too, as it is and as mail spells it."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            parts += [
                str(path),
                content.decode(errors="replace"),
                quopri.decodestring(content).decode(errors="replace"),
            ]
    return "\n".join(parts).lower()


def found_in(text: str) -> list[str]:
    return [datum for datum in DATA if datum in text]


def loaded(owner: User, person: dict[str, str]) -> None:
    """Files that somebody loaded: one of others, and hers in each way a file may be read, with what was found in them."""
    lines = f"email;naam\n{person['email']};{person['first_name']}\n"
    sheet, workbook = openpyxl.Workbook(), io.BytesIO()
    sheet.active.append([person["email"], person["first_name"]])
    sheet.save(workbook)
    files = {
        "others.csv": b"email;naam\nanders@example.org;Iemand\n",
        "utf8.csv": lines.encode(),
        "utf16.csv": lines.encode("utf-16"),
        "utf16be.csv": codecs.BOM_UTF16_BE + lines.encode("utf-16-be"),
        "unmarked.csv": lines.encode("utf-16-le"),
        "windows.csv": f"café;{lines}".encode("cp1252"),
        "book.xlsx": workbook.getvalue(),
    }
    for name, content in files.items():
        upload = Import(
            kind="customers", owner=owner, file_name=name, reading={}, expires_at=timezone.now() + dt.timedelta(days=7)
        )
        upload.file.save(name, ContentFile(content))
    upload.rows.create(
        number=2,
        outcome="error",
        key=person["email"],
        differences=[["last_name", "", "Kuipers-Haan"]],
        problems=[{"column": "email", "value": person["email"], "reason": "x", "mend": "y", "params": {}}],
        cells=[person["email"], person["first_name"]],
    )


def test_nothing_of_them_is_left_in_any_table_or_file(
    folder: Path, make_user: Callable[..., User], django_capture_on_commit_callbacks: Any
) -> None:
    # given: she orders, and gets mail
    shop, officer = open_shop(), make_user("privacy_officer")
    shop.receive(shop.s1, A=10)
    person = {
        "email": "Roos.Kuipers@example.org",
        "phone": "06-12398745",
        "first_name": "Roosmarijn",
        "last_name": "Kuipers-Haan",
        "account_id": "web-roos",
        "loyalty_card": "9000000777",
    }
    with django_capture_on_commit_callbacks(execute=True):
        placed = shop.post("orders/", shop.order_body(("A", 2)) | {"customer": person}).json()
        for step, body in (("pick", {}), ("ready", {}), ("hand-over", {"collect_code": placed["collect_code"]})):
            assert shop.post(f"orders/{placed['number']}/{step}/", body).status_code == 200
    record = SourceRecord.objects.get(orders__number=placed["number"])
    customer = Customer.objects.get(source_records=record)
    correct(
        customer=customer,
        told={
            "first_name": "Roosmarijn",
            "last_name": "Kuipers-Haan",
            "birth_date": dt.date(1981, 7, 19),
            "street": "Zwaluwpad",
            "house_number": "3",
            "postcode": "9711ZZ",
            "city": "Groningen",
            "country": "NL",
        },
        principal=officer,
    )
    # she calls, allows, brings something up, and asks about her data
    ContactMoment.objects.create(
        source="desk",
        external_id="1",
        source_record=record,
        channel="phone",
        topic_id="product",
        text="Roosmarijn heeft hoogtevrees en wil de ladder niet",
        actor="user:1",
        business_date=timezone.localdate(),
    )
    proof = "form of Roosmarijn Kuipers-Haan, 12:30:00, roos.kuipers@example.org, from 81.2.69.142"
    record_consent(source_record_id=record.pk, purpose="newsletter", given=True, text_version="1", proof=proof)
    request = receive(
        customer=customer,
        kind="erasure",
        came="mail",
        received_on=timezone.localdate(),
        asked="Vergeet mij. Roosmarijn Kuipers-Haan",
        principal=officer,
    )
    check_identity(request=request, how="answered", principal=officer)
    extend(request=request, reason="Beste Roosmarijn, het duurt langer.", principal=officer)
    protect(customer=customer, kind="restricted", reason="Roosmarijn betwist haar adres", principal=officer)
    with because("Roosmarijn vroeg het"):
        customer.save()
    # what came in raw, what could not be read, and the file somebody had made of her
    document = {"tickets": [{"customer": person, "note": "voor Roosmarijn"}]}
    came = InboxDocument.objects.create(source="tills", external_id="d1", fingerprint="f", body=document)
    Quarantined.objects.create(
        document=came, source="tills", external_id="q1", field="x", value=person["email"], raw=person
    )
    loaded(officer, person)
    job = Job(kind="x", title="Export van roos.kuipers@example.org", owner=officer, language="nl")
    job.file.save("x.csv", ContentFile(b"naam;mail\nRoosmarijn;roos.kuipers@example.org\n"))
    catch_up()
    match_waiting()
    send_due()
    assert isinstance(mail.get_connection(), EmailBackend)
    assert set(found_in(dump())) == set(DATA) - {"06-12398745", "0612398745"} | {"06-12398745"}
    assert {"roos.kuipers@example.org", "roosmarijn"} <= set(found_in(everything_in(folder)))

    # when
    with django_capture_on_commit_callbacks(execute=True):
        erasing = start_job(kind="customers.erase", owner=officer, parameters={"request": request.number})
        run_job(erasing.key)
        erasing.refresh_from_db()
        assert erasing.state == "done", erasing.error
        catch_up()
        match_waiting()
        send_due()

    # then
    assert [line[:300] for line in dump().splitlines() if found_in(line)] == []
    assert found_in(everything_in(folder)) == []
    assert [one.file_name for one in Import.objects.exclude(file="")] == ["others.csv"]
    assert len([path for path in (folder / "media" / "imports").rglob("*") if path.is_file()]) == 1
    assert Consent.objects.get().proof == "form of [erased], 12:30:00, [erased], from [erased]"
    assert (folder / "erasures.jsonl").exists()
    assert unreconciled() == []
    # and the order is in the books
    body = shop.get(f"orders/{placed['number']}/").json()
    assert body["total"] == "20.00"
