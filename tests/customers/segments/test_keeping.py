"""Segments are kept by version, counted, and taken out as a file of those who allow it."""

import csv
import datetime as dt
import io

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone, translation

from apps.accounts.models import PersonalExport
from apps.core.errors import Conflict, InvalidInput
from apps.core.jobs.models import Job
from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.customers.models import Customer, Segment, SegmentCount, SegmentVersion
from apps.customers.rights.erasing import erase
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.services.belonging import belongs, members_of
from apps.customers.segments.services.counting import count_all, count_now, count_segment
from apps.customers.segments.services.saving import change_segment, make_segment, retire_segment
from apps.customers.segments.wording import in_one_line, people_said
from apps.customers.services.consenting import record_consent
from apps.orders.models import Order, OrderStatus
from tests.staff import person

ONLINE = Definition((Group((Condition("orders.number", "at_least", "1", period="365", channel="@online"),)),))
CARD = Definition(
    (Group((Condition("loyalty.card", "is"), Condition("orders.spent", "at_least", "50", currency="EUR"))),)
)


@pytest.fixture
def online(town, office) -> Segment:
    town.order("jan")
    town.order("iris")
    town.order("bob", channel="S1")
    return make_segment(name="Online", definition=ONLINE, roles=["store_manager"], principal=office)


@pytest.mark.django_db
def test_another_definition_is_another_version(online, office):
    # when
    same = change_segment(segment=online, name="On line", definition=ONLINE, roles=[], principal=office)
    assert (same.version, same.name) == (1, "On line")
    other = change_segment(segment=online, name="On line", definition=CARD, roles=[], principal=office)
    # then
    assert other.version == 2
    assert [v.as_definition for v in other.versions.order_by("number")] == [ONLINE, CARD]
    assert {v.actor for v in other.versions.all()} == {f"user:{office.pk}"}
    with pytest.raises(ProgrammingError), transaction.atomic():
        SegmentVersion.objects.update(number=9)


@pytest.mark.django_db
def test_a_name_is_given_once_and_shared_with_who_may_see_it(online, office):
    for name, roles, field in (("online", [], "name"), (" ", [], "name"), ("New", ["service_agent"], "roles")):
        with pytest.raises(InvalidInput) as refused:
            make_segment(name=name, definition=CARD, roles=roles, principal=office)
        assert refused.value.faults[0].attr == field
    retire_segment(segment=online)
    with pytest.raises(Conflict):
        change_segment(segment=online, name="X", definition=CARD, roles=[], principal=office)


@pytest.mark.django_db
def test_counts_are_kept_and_a_change_is_counted_anew(online, office, town):
    # when
    count_segment(segment=online)
    town.order("kees")
    counted = count_segment(segment=online)
    # then
    assert counted.people == 3
    assert list(SegmentCount.objects.order_by("pk").values_list("version", "people")) == [(1, 2), (1, 3)]
    assert change_segment(segment=online, name="Online", definition=CARD, roles=[], principal=office).people is None
    # the night counts what was not counted since
    assert count_all(older_than=timezone.now() - dt.timedelta(hours=12)) == 1
    assert count_all(older_than=timezone.now() - dt.timedelta(hours=12)) == 0


@pytest.mark.django_db
def test_who_waits_for_a_number_does_not_wait_for_ever(online, office, town, monkeypatch):
    manager = person("Daan de Ruiter", "store_manager", location=town.shop.s1)
    assert count_now(definition=ONLINE, principal=office) == 2
    assert count_now(definition=ONLINE, principal=manager) == 1
    monkeypatch.setattr("apps.customers.segments.services.counting.TRIES_MS", 1)
    slow = Definition((Group((Condition("orders.number", "at_least", "1"),) * 20),) * 50)
    assert count_now(definition=slow, principal=office) is None
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("1ms",)


@pytest.mark.django_db
def test_offers_ask_for_one_customer_or_for_all(online, town):
    assert belongs(segment=online, source_record_id=town.records["jan"])
    assert not belongs(segment=online, source_record_id=town.records["bob"])
    members = Customer.objects.filter(pk__in=members_of(online).ids).values_list("pk", flat=True)
    assert town.names(members) == {"jan", "iris"}


def consent(town, name: str, *, given: bool = True) -> None:
    record_consent(
        source_record_id=town.records[name], purpose="newsletter", given=given, text_version="1", proof="web"
    )


def export(segment, owner, **changes) -> Job:
    asked = {
        "segment": str(segment.key),
        "purpose": "newsletter",
        "way": "email",
        "columns": ["name", "email"],
    } | changes
    job = start_job(kind="segments.export", owner=owner, parameters=asked)
    run_job(job.key)
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_a_file_holds_only_who_allows_it_and_says_who_is_left_out(online, office, town):
    # given: Jan allows it, Iris no longer does, Kees allows it but has no address
    town.order("kees")
    consent(town, "jan")
    consent(town, "iris")
    consent(town, "iris", given=False)
    consent(town, "kees")
    Customer.objects.filter(pk=town.customer("kees")).update(email="")
    # when
    with translation.override("en"):
        job = export(online, office)
    # then
    assert job.state == "done", job.error
    rows = list(csv.reader(io.StringIO(job.file.read().decode("utf-8-sig")), delimiter=";"))
    assert rows == [["Name", "E-mail address"], ["Jan", "jan@example.org"]]
    assert job.result == {"written": 1, "no_consent": 1, "unreachable": 1}
    assert "1 customer is in the file. 1 was left out because they do not allow it (Newsletter)." in job.outcome
    noted = PersonalExport.objects.get()
    assert (noted.rows, noted.purpose, noted.columns) == (1, "marketing", ["name", "email"])
    assert noted.filters == f"{online.key}/1 newsletter email"


@pytest.mark.django_db(transaction=True)
def test_whose_consent_ran_out_and_who_was_forgotten_are_in_no_file(online, office, town):
    # given: Jan allows it, of Iris it ran out yesterday, Kees was forgotten since
    town.order("kees")
    now = timezone.now()
    for name, until in (("jan", now + dt.timedelta(days=1)), ("iris", now - dt.timedelta(days=1)), ("kees", None)):
        record_consent(
            source_record_id=town.records[name],
            purpose="newsletter",
            given=True,
            text_version="1",
            proof="web",
            occurred_at=now - dt.timedelta(days=400),
            expires_at=until,
        )
    Order.objects.update(status=OrderStatus.COLLECTED, closed_at=now)
    erase(customer=Customer.objects.get(pk=town.customer("kees")), principal=office)
    # when
    job = export(online, office, columns=["customer", "name"])
    # then
    rows = list(csv.reader(io.StringIO(job.file.read().decode("utf-8-sig")), delimiter=";"))[1:]
    assert [row[1] for row in rows] == ["Jan"]
    assert job.result["written"] == 1


@pytest.mark.django_db
def test_a_definition_reads_as_a_sentence(town):
    with translation.override("en"):
        assert in_one_line(CARD) == "Has a loyalty card; and spent at least €50.00."
        assert in_one_line(ONLINE) == "Ordered at least 1×, in the last 12 months, online."
        either = Definition((*CARD.groups, Group((Condition("orders.last", "longer_ago", "90"),))), match="any")
        assert in_one_line(either) == (
            "(has a loyalty card; and spent at least €50.00); or last ordered more than 90 days ago."
        )


def test_small_numbers_are_for_those_who_may_see_the_customers():
    with translation.override("en"):
        assert people_said(9, exactly=False) == "fewer than 10"
        assert people_said(0, exactly=False) == "fewer than 10"
        assert people_said(10, exactly=False) == "10"
        assert people_said(19, exactly=False) == "10"
        assert people_said(3, exactly=True) == "3"
        assert people_said(19, exactly=True) == "19"
