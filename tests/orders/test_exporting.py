"""Who saves names of customers says what for, and it is written down beside the look-ups."""

import io

import pytest
from django.db import ProgrammingError, transaction
from openpyxl import load_workbook

from apps.accounts.models import PersonalExport
from apps.core.jobs.models import Job
from apps.core.jobs.running import run_job
from apps.customers.models import Customer
from apps.customers.rights.protecting import protect
from apps.portal.pages import exporting
from tests.orders.counter import order_of, text_of
from tests.staff import browser, person

LIST = "/orders/"
EXPORT = f"{LIST}?status=sourced&part=export"


def test_a_file_with_names_is_not_had_without_a_purpose(shop, manager):
    order_of(shop)
    client = browser(manager)
    page = text_of(client.get(LIST))
    assert '<select id="export-purpose" name="purpose" required>' in page
    assert f'href="{LIST}?part=export' not in page
    for answer in (
        client.get(f"{EXPORT}&format=csv", follow=True),
        client.post(EXPORT, {"format": "csv"}, follow=True),
    ):
        assert "Say what the file is for." in text_of(answer)
    assert client.post(EXPORT, {"format": "csv", "purpose": "curiosity"}).status_code == 302
    assert not PersonalExport.objects.exists()


def test_who_saved_how_many_of_what_with_what_filters_is_written_down(shop, manager):
    order = order_of(shop)
    answer = browser(manager).post(EXPORT, {"format": "data", "purpose": "fulfilment"})
    content = b"".join(answer.streaming_content).decode()
    assert order.number in content
    noted = PersonalExport.objects.get()
    assert (noted.principal, noted.page, noted.rows) == (f"user:{manager.pk}", "orders.order", 1)
    assert (noted.filters, noted.file_format, noted.purpose) == ("status=sourced", "data", "fulfilment")
    assert "customer" in noted.columns


def test_a_great_file_is_written_down_when_it_is_made(shop, manager, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    order_of(shop)
    browser(manager).post(EXPORT, {"format": "csv", "purpose": "administration"})
    assert not PersonalExport.objects.exists()
    run_job(Job.objects.get().key)
    noted = PersonalExport.objects.get()
    assert (noted.rows, noted.purpose) == (1, "administration")


def test_without_the_column_there_is_nothing_to_say(shop, manager):
    order_of(shop)
    client = browser(manager)
    client.post(f"{LIST}?part=columns", {"order": ["number", "total"], "columns": ["number", "total"]})
    answer = client.get(f"{LIST}?part=export&format=csv")
    assert answer.status_code == 200
    assert not PersonalExport.objects.exists()


def test_whoever_may_not_see_names_is_not_asked(shop):
    order_of(shop)
    client = browser(person("Frits Kas", "finance"))
    assert "export-purpose" not in text_of(client.get(LIST))
    assert client.get(f"{LIST}?part=export&format=csv").status_code == 200
    assert not PersonalExport.objects.exists()


def test_what_was_written_down_stays(shop, manager):
    order_of(shop)
    browser(manager).post(EXPORT, {"format": "csv", "purpose": "service"})
    for rewrite in (PersonalExport.objects.all().delete, lambda: PersonalExport.objects.update(rows=0)):
        with pytest.raises(ProgrammingError), transaction.atomic():
            rewrite()


@pytest.mark.parametrize("kind", ["csv", "data", "xlsx"])
def test_who_restricted_the_use_is_named_in_no_file_and_their_orders_stay(shop, manager, kind):
    # given
    theirs, other = order_of(shop), order_of(shop, customer={"email": "els@example.org", "first_name": "Els"})
    [customer] = Customer.objects.filter(source_records=theirs.source_record_id)
    name = theirs.contact.name

    def file() -> str:
        answer = browser(manager).post(EXPORT, {"format": kind, "purpose": "service"})
        content = b"".join(answer.streaming_content)
        if kind != "xlsx":
            return content.decode()
        cells = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return "\n".join(" ".join(str(cell) for cell in row) for row in cells)

    assert name in file()

    # when
    protect(customer=customer, kind="restricted", reason="Betwist het adres", principal=None)

    # then
    assert name not in file()
    assert theirs.number in file()
    assert other.contact.name in file()
    assert name in text_of(browser(manager).get(LIST))
