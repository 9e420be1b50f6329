"""The timeline of a customer: every channel in one column, narrowed, in parts, and opened at one event."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.customers.models import Customer, SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.messages.models import Message
from apps.messages.services import queue_message
from apps.messages.timeline import Mail, Receipts
from apps.portal.timeline import read_timeline
from apps.service.services import Contact, log_contact

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def jan(db: None) -> Customer:
    """Known by a webshop and by a till, which are one customer."""
    web = Person(source="webshop", account_id="web-77", email="j.jansen@example.org", email_is_verified=True)
    till = Person(source="tills", loyalty_card="2912345678901", email="j.jansen@example.org", email_is_verified=True)
    [record_id] = recognise([web], actor="system")
    recognise([till], actor="system")
    return Customer.objects.get(source_records=record_id)


@pytest.fixture
def records(jan: Customer) -> list[SourceRecord]:
    return list(jan.source_records.order_by("pk"))


@pytest.fixture
def agent(make_user: Callable[..., User]) -> User:
    return make_user("service_agent")


@pytest.fixture
def at_desk(agent: User, jan: Customer) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(agent)
    client.post("/customers/", {"identifier": "j.jansen@example.org"})
    return client


def said(record: SourceRecord, n: int, *, at: dt.datetime | None = None, channel: str = "phone") -> None:
    log_contact(
        contact=Contact(
            source="chat",
            external_id=f"chat-{n}",
            source_record_id=record.pk,
            channel=channel,
            topic="product",
            text=f"Gesprek {n}.",
            occurred_at=at or NOON - dt.timedelta(hours=n),
        ),
        actor="client:1",
    )


def mailed(record: SourceRecord, n: int) -> None:
    queue_message(
        template="order_confirmed",
        dedupe_key=f"mail-{n}",
        source_record_id=record.pk,
        address="j.jansen@example.org",
        locale="nl",
        context={"number": "T48101273642"},
    )


def told(page: str) -> list[str]:
    return re.findall(r"Gesprek \d+", page)


def test_a_page_is_read_from_every_record_of_the_customer_and_goes_on_where_it_ended(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given seventy conversations, by turns with the one record and the other
    for n in range(70):
        said(records[n % 2], n)
    # when
    seen, address = [], jan.get_absolute_url()
    while address:
        page = at_desk.get(address).content.decode()
        seen += told(page)
        older = re.search(r'href="([^"]+)"[^>]*>Show older', page)
        address = older[1].replace("&amp;", "&") if older else ""
    # then
    assert seen == [f"Gesprek {n}" for n in range(70)]


def test_older_parts_come_by_themselves_only_so_often(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given
    for n in range(140):
        said(records[0], n)
    # when
    by_itself, address = [], jan.get_absolute_url()
    while address:
        page = at_desk.get(address, headers={"HX-Request": "true"} if by_itself else {}).content.decode()
        older = re.search(r'href="([^"]+)"([^>]*)>Show older', page)
        by_itself += ["intersect" in older[2]] if older else []
        address = older[1].replace("&amp;", "&") if older else ""
    # then
    assert by_itself == [True, True, True, True, True, False]


def test_it_is_narrowed_by_kind_and_by_channel(at_desk: Client, jan: Customer, records: list[SourceRecord]) -> None:
    # given
    said(records[0], 1, channel="phone")
    said(records[1], 2, channel="store")
    mailed(records[0], 1)

    def shown(**narrowed: str) -> tuple[list[str], bool]:
        page = at_desk.get(jan.get_absolute_url(), narrowed).content.decode()
        return told(page), "Mail to the customer" in page

    # then
    assert shown() == (["Gesprek 1", "Gesprek 2"], True)
    assert shown(kind="contact") == (["Gesprek 1", "Gesprek 2"], False)
    assert shown(kind="message") == ([], True)
    assert shown(through="store") == (["Gesprek 2"], False)
    assert shown(through="desk") == (["Gesprek 1"], False)
    assert shown(through="online") == ([], True)
    assert shown(kind="message", through="store") == ([], False)
    assert shown(kind="nonsense", through="moon") == (["Gesprek 1", "Gesprek 2"], True)


def test_what_is_narrowed_stays_so_while_one_reads_on_and_by_the_other_filter(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given
    for n in range(40):
        said(records[0], n, channel="store")
    # when
    page = at_desk.get(jan.get_absolute_url(), {"through": "store"}).content.decode()
    older = re.search(r'href="([^"]+)"[^>]*>Show older', page)
    # then
    assert older is not None
    assert "through=store" in older[1]
    assert f'href="{jan.get_absolute_url()}?through=store&amp;kind=contact#timeline"' in page


def test_a_source_that_has_nothing_of_what_is_asked_is_not_read(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given
    said(records[0], 1)
    # when
    with CaptureQueriesContext(connection) as queries:
        at_desk.get(f"{jan.get_absolute_url()}timeline/", {"kind": "contact"}, headers={"HX-Request": "true"})
    # then
    read = " ".join(query["sql"] for query in queries)
    assert "service_contactmoment" in read
    assert not any(table in read for table in ("orders_order", "returns_return", "messaging_message", "loyalty_points"))


def test_the_address_of_an_entry_opens_the_timeline_around_it(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given
    for n in range(100):
        said(records[n % 2], n)
    first = at_desk.get(f"{jan.get_absolute_url()}timeline/").content.decode()
    older = re.search(r'href="([^"]+)"[^>]*>Show older', first)
    assert older is not None
    second = at_desk.get(older[1].replace("&amp;", "&")).content.decode()
    [address] = re.findall(r'<a class="when" href="([^"]+)"(?:(?!</li>).)*Gesprek 30\.', second, re.S)[-1:]
    # when
    page = at_desk.get(address.replace("&amp;", "&")).content.decode()
    # then it stands out, below five that are newer, and one can read on both ways
    assert told(page)[:7] == [f"Gesprek {n}" for n in range(25, 32)]
    [found] = re.findall(r'<li id="event" aria-current="true" class="found[^"]*">.*?</li>', page, re.S)
    assert "Gesprek 30." in found
    newer = re.search(r'href="([^"]+)"[^>]*>Show newer', page)
    assert newer is not None
    above = at_desk.get(newer[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    assert told(above) == [f"Gesprek {n}" for n in range(5, 25)]


@pytest.mark.parametrize(
    "event", ["", "yesterday", "2026-11-20T12:00:00Z~", "2026-11-20T12:00:00Z~contact:x", "~contact:"]
)
def test_an_address_that_somebody_made_up_breaks_nothing(at_desk: Client, jan: Customer, event: str) -> None:
    assert at_desk.get(jan.get_absolute_url(), {"event": event}).status_code == 200


def test_entries_of_one_moment_are_neither_doubled_nor_skipped_in_either_direction(
    agent: User, at_desk: Client, records: list[SourceRecord]
) -> None:
    # given ten at the same moment
    for n in range(10):
        said(records[n % 2], n, at=NOON)
    ids = [record.pk for record in records]
    everything = [e.key for e in read_timeline(principal=agent, source_record_ids=ids).entries]
    # when
    place = read_timeline(principal=agent, source_record_ids=ids).entries[4].moment
    before = read_timeline(principal=agent, source_record_ids=ids, before=place)
    after = read_timeline(principal=agent, source_record_ids=ids, after=place)
    around = read_timeline(principal=agent, source_record_ids=ids, around=place)
    # then
    assert [e.key for e in after.entries] == everything[:4]
    assert [e.key for e in before.entries] == everything[5:]
    assert [e.key for e in around.entries] == everything


def test_five_thousand_events_take_no_more_statements_and_no_more_than_a_page_of_them_is_read(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given
    said(records[0], 0)
    said(records[1], 1)

    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            assert at_desk.get(jan.get_absolute_url()).status_code == 200
        return [query["sql"] for query in queries]

    few = statements()
    # when
    template = records[0].contact_moments.get()
    rows = []
    for n in range(2, 5002):
        row = type(template)(**{f.attname: getattr(template, f.attname) for f in template._meta.concrete_fields})
        row.pk, row.key, row.external_id = None, template._meta.get_field("key").get_default(), f"chat-{n}"
        row.source_record_id, row.occurred_at = records[n % 2].pk, NOON - dt.timedelta(minutes=n)
        rows.append(row)
    type(template).objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE service_contactmoment")
    many = statements()
    # then
    assert len(many) == len(few)
    [what_lies_where] = [sql for sql in many if "CROSS JOIN LATERAL" in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {what_lies_where}")
        [[plan]] = cursor.fetchone()
    read = [
        node["Actual Rows"] for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "service_contactmoment"
    ]
    assert read
    assert max(read) <= 40  # of each record a page, and those that share its last moment


@pytest.mark.parametrize("reader", [Mail(), Receipts()])
def test_what_is_said_of_mail_is_read_at_once(
    records: list[SourceRecord], reader: Mail | Receipts, django_assert_num_queries: Any
) -> None:
    # given
    for n in range(3):
        mailed(records[0], n)
    # when
    with django_assert_num_queries(1):
        told = list(reader.entries(Message.objects.all()))
    # then
    assert len({entry.key for entry in told}) == 3


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def test_a_day_that_goes_on_in_the_next_part_has_its_heading_once(
    at_desk: Client, jan: Customer, records: list[SourceRecord]
) -> None:
    # given forty on one day
    for n in range(40):
        said(records[0], n, at=NOON - dt.timedelta(minutes=n))
    page = at_desk.get(jan.get_absolute_url()).content.decode()
    older = re.search(r'hx-get="([^"]+)"[^>]*>Show older', page)
    assert older is not None
    # when
    part = at_desk.get(older[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).content.decode()
    # then
    assert page.count('class="day"') == 1
    assert 'class="day"' not in part


def test_without_scripts_the_filters_are_addresses(at_desk: Client, jan: Customer) -> None:
    # when
    page = at_desk.get(jan.get_absolute_url()).content.decode()
    addresses = re.findall(r'<a href="([^"]+)" hx-get="[^"]+" hx-target="#moments"', page)
    # then
    assert len(addresses) > 6
    assert {at_desk.get(address.replace("&amp;", "&")).status_code for address in addresses} == {200}
