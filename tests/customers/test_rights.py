"""Erasure, rectification and restriction as the officer and the desk do them."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict, InvalidInput
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.customers.models import Customer, Erasure, PrivacyRequest, SourceRecord
from apps.customers.resolving.persons import people_of
from apps.customers.rights.correcting import correct
from apps.customers.rights.erasing import erase
from apps.customers.rights.handling import check_identity, receive
from apps.customers.rights.protecting import protect, release
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.selecting import who
from apps.customers.services.consenting import customers_allowing, may_use, may_write_to
from apps.customers.services.people import Person
from apps.customers.services.provenance import origins
from apps.customers.services.reading import source_records_of
from apps.customers.services.recognising import recognise
from tests.customers.test_erasing import TRACES, dump, fenna, unreconciled

__all__ = ["fenna"]


@pytest.fixture
def officer(make_user: Callable[..., User]) -> User:
    return make_user("privacy_officer")


def asked(customer: Customer, kind: str, officer: User, words: str = "") -> PrivacyRequest:
    request = receive(
        customer=customer, kind=kind, came="mail", received_on=timezone.localdate(), asked=words, principal=officer
    )
    return check_identity(request=request, how="answered", principal=officer)


@pytest.mark.django_db
def test_the_officer_sees_what_goes_and_what_stays_and_erases(
    fenna: Customer, officer: User, browse: Callable[[User], Client]
) -> None:
    # given
    request = asked(fenna, "erasure", officer, "Ik, Fenna Terpstra, wil dat u mij vergeet.")
    here, path = browse(officer), f"/privacy/{request.number}/erase/"

    # when
    page = here.get(path).content.decode()
    assert "What goes" in page
    assert "Personal details" in page
    assert "Proof of what we were allowed to do." in page
    assert here.post(path, {}).status_code == 422
    job_page = here.post(path, {"sure": "on"})
    job = Job.objects.get()
    run_job(job.key)

    # then
    assert job_page["Location"] == job.get_absolute_url()
    assert Job.objects.get().state == "done"
    assert [line for line in dump().splitlines() if any(trace in line for trace in TRACES[:6])] == []
    assert request.steps.filter(kind="erased").exists()
    assert "Tell them, and close" in here.get(request.get_absolute_url()).content.decode()
    assert here.get("/privacy/").status_code == 200


@pytest.mark.django_db
def test_what_is_held_is_erased_by_nobody(fenna: Customer, officer: User, browse: Callable[[User], Client]) -> None:
    # given
    request = asked(fenna, "erasure", officer)
    protect(customer=fenna, kind="held", reason="Schadeclaim 2026/12", principal=officer)

    # then
    assert "Schadeclaim 2026/12" in browse(officer).get(f"/privacy/{request.number}/erase/").content.decode()
    with pytest.raises(Conflict, match="Schadeclaim"):
        erase(customer=fenna, principal=officer)
    release(customer=fenna, kind="held", principal=officer)
    erase(customer=fenna, principal=officer)
    assert Erasure.objects.count() == 1


@pytest.mark.django_db
def test_a_hold_ends_by_itself(fenna: Customer, officer: User) -> None:
    with pytest.raises(InvalidInput):
        protect(customer=fenna, kind="held", reason="x", ends_on=dt.date(2020, 1, 1), principal=officer)
    protect(customer=fenna, kind="held", reason="Claim", ends_on=timezone.localdate(), principal=officer)
    with pytest.raises(Conflict, match="Claim"):
        erase(customer=fenna, principal=officer)
    fenna.source_records.get().protections.update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    erase(customer=fenna, principal=officer)


@pytest.mark.django_db
def test_who_is_restricted_is_used_for_nothing(fenna: Customer, officer: User) -> None:
    # given
    records = source_records_of(fenna)
    everybody = Definition((Group((Condition("orders.number", "at_most", "5"),)),))
    before = who(everybody).count()
    assert may_use(records, "newsletter")

    # when
    protect(customer=fenna, kind="restricted", reason="Betwist haar adres", principal=officer)

    # then
    assert not may_use(records, "newsletter")
    assert not may_write_to(records[0], purpose="newsletter", address=fenna.email)
    assert customers_allowing([fenna.pk], "newsletter") == set()
    assert who(everybody).count() == before - 1
    assert people_of(records) == []
    with pytest.raises(Conflict):
        protect(customer=fenna, kind="restricted", reason="Nog eens", principal=officer)

    # and when it ends
    release(customer=fenna, kind="restricted", principal=officer)
    assert may_use(records, "newsletter")
    assert who(everybody).count() == before
    assert len(people_of(records)) == 1


@pytest.mark.django_db
def test_what_is_corrected_counts_and_what_others_told_stays_theirs(fenna: Customer, officer: User) -> None:
    # given
    request = asked(fenna, "rectification", officer)
    before = unreconciled()

    # when
    told = {
        "first_name": "Fenna",
        "infix": "van der",
        "last_name": "Laan",
        "birth_date": dt.date(1984, 2, 29),
        "street": "Kanaalpad",
        "house_number": "7",
        "postcode": "8911KX",
        "city": "Leeuwarden",
        "country": "NL",
    }
    correct(customer=fenna, told=told, principal=officer)
    correct(customer=fenna, told=told, principal=officer)  # as it is already

    # then
    fenna.refresh_from_db()
    assert fenna.name == "Fenna van der Laan"
    desk = fenna.source_records.get(source="desk")
    [details] = desk.details.all()
    assert (details.birth_date, details.street) == (dt.date(1984, 2, 29), "")  # the address was not corrected
    assert origins(fenna)["name"].record == desk
    assert origins(fenna)["address"].record.source == "webshop"
    assert SourceRecord.objects.get(source="webshop").details.latest("pk").last_name == "Terpstra"
    assert request.steps.filter(kind="corrected").count() == 1
    assert unreconciled() == before

    # and the shop that repeats what it thought changes nothing
    recognise([Person(source="webshop", account_id="web-4711", first_name="Fenna", last_name="Terpstra")], actor="x")
    fenna.refresh_from_db()
    assert fenna.name == "Fenna van der Laan"


@pytest.mark.django_db
def test_an_agent_corrects_on_the_page_of_the_customer(
    fenna: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    desk = browse(make_user("service_agent"))
    desk.post("/customers/", {"identifier": fenna.email})
    path = f"/privacy/of/{fenna.key}/correct/"
    assert 'value="Terpstra"' in desk.get(path).content.decode()
    assert desk.post(path, {"first_name": "Fenna", "last_name": "Zwart"}).status_code == 302
    fenna.refresh_from_db()
    assert fenna.name == "Fenna Zwart"


KILLED = """
import django, os, pathlib, time
django.setup()
from django.db import connection
from apps.customers.rights import erasing
from apps.core.jobs.running import run_job

def wait(*where):
    pathlib.Path(os.environ["REACHED"]).touch()
    time.sleep(60)

erasing.erase_by_words = wait
run_job(os.environ["JOB"])
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nothing_is_half_done_and_the_next_try_does_all(
    fenna: Customer, officer: User, browse: Callable[[User], Client], tmp_path: Path
) -> None:
    # given
    request = asked(fenna, "erasure", officer)
    browse(officer).post(f"/privacy/{request.number}/erase/", {"sure": "on"})
    job = Job.objects.get()
    before = [line for line in dump().splitlines() if not line.startswith(("core_job ", "django_session "))]

    # when the worker is killed with half of the tables done
    reached = tmp_path / "reached"
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
            "TOONBANK_DATABASE_URL": url,
            "REACHED": str(reached),
            "JOB": str(job.key),
        },
    )
    until = time.monotonic() + 60
    while not reached.exists() and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    assert reached.exists()
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    # then
    after = [line for line in dump().splitlines() if not line.startswith(("core_job ", "django_session "))]
    assert after == before

    # and once its lease is over
    Job.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    run_job(job.key)
    assert Job.objects.get().state == "done"
    assert [line for line in dump().splitlines() if any(trace in line for trace in TRACES[:6])] == []
