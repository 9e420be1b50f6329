"""Files of what a list shows."""

import csv
import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from apps.core.jobs.models import Job
from apps.core.jobs.running import run_job
from apps.portal import csv_files
from apps.portal.pages import exporting
from apps.portal.tables import MoneyColumn, QuantityColumn, WhenColumn
from tests.portal.conftest import make_store
from tests.portal.test_list_page import LIST


def export(client, kind: str, query: str = "") -> bytes:
    response = client.get(f"{LIST}?{query}&part=export&format={kind}")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="locations-')
    return b"".join(response.streaming_content)


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_file_has_the_rows_and_columns_of_the_list(as_user, chain):
    client = as_user(chain.head_office)
    client.post(f"{LIST}?part=columns", {"order": ["name", "city", "kind"], "columns": ["city", "kind"]})
    content = export(client, "csv", "kind=store&city=a&sort=-name")
    assert content.startswith("\ufeff".encode())
    assert read(content, ";") == [
        ["Name", "City", "Kind"],
        ["Zandvoort", "Zandvoort", "Store"],
        ["Haarlem", "Haarlem", "Store"],
        ["Gouda", "Gouda", "Store"],
    ]


def test_a_program_gets_names_that_stay_and_stored_codes(as_user, chain):
    rows = read(export(as_user(chain.head_office), "data", "kind=dc"))
    assert rows[0][:4] == ["name", "code", "kind", "street"]
    assert rows[1][:3] == ["DC Tiel", "DC-TI", "dc"]


def test_a_file_stays_within_reach(as_user, chain):
    assert len(read(export(as_user(chain.associate), "data"))) == 2
    assert (
        as_user(chain.service if hasattr(chain, "service") else chain.associate)
        .get("/tickets/?part=export")
        .status_code
        == 403
    )


@pytest.mark.parametrize("evil", ["=1+1", "+31612345678", "-2", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_nothing_in_a_file_runs_as_a_formula(as_user, chain, evil):
    make_store("S900", chain.own, name=evil, city=evil)
    client = as_user(chain.head_office)
    for kind, delimiter in (("csv", ";"), ("data", ",")):
        [row] = [row for row in read(export(client, kind, "q=S900"), delimiter) if "S900" in row]
        assert not row[0].startswith(("=", "+", "-", "@", "\t")), row
    sheet = load_workbook(io.BytesIO(export(client, "xlsx", "q=S900"))).active
    cell = sheet.cell(2, 1)
    assert (cell.data_type, cell.value.strip()) == ("s", evil.strip())


def test_numbers_and_moments_are_written_for_whom_they_are(chain):
    from decimal import Decimal

    moment = dt.datetime(2026, 7, 1, 12, 30, tzinfo=dt.UTC)
    values = [Decimal("1234.50"), Decimal("3.000"), moment, dt.date(2026, 7, 1), None, "a;b", True, -3]
    assert [csv_files._for_people(v) for v in values] == [
        "1234,50", "3", "01-07-2026 14:30", "01-07-2026", "", "a;b", "True", "-3"
    ]  # fmt: skip  # more than one a line
    assert [csv_files._for_programs(v) for v in values] == [
        "1234.50", "3", "2026-07-01T12:30:00Z", "2026-07-01", "", "a;b", "True", "-3"
    ]  # fmt: skip  # more than one a line
    assert all(kind.keeps_value for kind in (MoneyColumn, QuantityColumn, WhenColumn))


def test_a_workbook_holds_numbers_and_moments_not_text(as_user, chain, monkeypatch):
    sheet = load_workbook(io.BytesIO(export(as_user(chain.head_office), "xlsx", "sort=code"))).active
    assert [cell.value for cell in sheet[1]][:3] == ["Name", "Code", "Kind"]
    assert sheet.max_row == 6
    assert sheet.freeze_panes == "A2"


def test_a_great_file_is_a_job_with_the_reach_of_whoever_asked(as_user, chain, monkeypatch):
    # given
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    client = as_user(chain.franchise_owner)
    assert b'name="format" value="xlsx"' in client.get(LIST).content  # a button that posts, not a link
    # when
    response = client.post(f"{LIST}?sort=-code&part=export", {"format": "data"})
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    run_job(job.key)
    # then
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("done", "2 rows of Locations.")
    with job.file.open("rb") as file:
        assert [row[1] for row in read(file.read())] == ["code", "S004", "S003"]


def test_a_file_is_not_written_for_somebody_who_lost_the_right(as_user, chain):
    as_user(chain.franchise_owner).post(f"{LIST}?part=export", {"format": "csv"})
    chain.franchise_owner.assignments.all().delete()
    job = Job.objects.get()
    run_job(job.key)
    job.refresh_from_db()
    assert job.state == "failed"
    assert not job.file
