import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from apps.core.errors import Conflict
from apps.core.models import InboxDocument, Job
from apps.core.privacy.words import ERASED, PersonWords
from apps.core.reconcile import reconcile
from apps.customers.models import Basis, Customer, Doubt, Erasure, SourceRecord
from apps.customers.rights import erasing
from apps.customers.rights.erasing import erase
from apps.customers.rights.retention.lapsed import LapsedCustomers
from apps.customers.services.consenting import record_consent
from apps.customers.services.joining import ask, join
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.loyalty.models import LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services.books import Booking, Cause, write_entries
from apps.messages.models import Message
from apps.messages.services.queueing import queue_message
from apps.service.models import ContactMoment
from tests.waiting import while_another_waits

pytestmark = pytest.mark.django_db

TRACES = ("fenna", "terpstra", "12344812", "9000000123", "kanaalpad", "8911kx")


def dump() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(kept)::text FROM "{table}" AS kept')
            rows += [f"{table} {row}" for (row,) in cursor.fetchall()]
    return "\n".join(rows).lower()


@pytest.fixture
def fenna() -> Customer:
    person = Person(
        source="webshop",
        account_id="web-4711",
        first_name="Fenna",
        last_name="Terpstra",
        email="Fenna.Terpstra@example.org",
        email_is_verified=True,
        phone="06-12344812",
        loyalty_card="9000000123",
        street="Kanaalpad",
        house_number="7",
        postcode="8911KX",
        city="Leeuwarden",
        country="NL",
    )
    [record_id] = recognise([person], actor="test")
    record = SourceRecord.objects.get(pk=record_id)
    record_consent(
        source_record_id=record.pk, purpose="newsletter", given=True, text_version="2026-11", proof="webshop"
    )
    today = dt.date(2026, 11, 1)
    account = LoyaltyAccount.objects.create(card_number="9000000123", source_record=record, balance=40, pending=10)
    for points, active in ((40, True), (10, False)):
        PointsLot.objects.create(
            account=account,
            order_number=f"T{points}",
            earned=points,
            remaining=points,
            active_from=today,
            expires_on=today,
            is_active=active,
        )
    ContactMoment.objects.create(
        source="desk",
        external_id="1",
        source_record=record,
        channel="phone",
        topic_id="product",
        text="Mevrouw Terpstra belde over de vaas",
        actor="user:1",
        business_date=today,
    )
    Message.objects.create(
        template="order_confirmed",
        dedupe_key="x",
        source_record=record,
        address="fenna.terpstra@example.org",
        locale="nl",
        subject="Fenna",
        body="Beste Fenna",
    )
    return record.customer


def test_of_somebody_forgotten_no_word_is_left_in_any_table(
    fenna: Customer, make_user: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    # given
    settings.MEDIA_ROOT = tmp_path
    InboxDocument.objects.create(
        source="webshop",
        external_id="o1",
        fingerprint="f",
        body={
            "customer": {"email": "FENNA.terpstra@example.org", "phone": "06 1234 4812"},
            "address": {"name": "Fenna Terpstra", "street": "Kanaalpad", "postcode": "8911 KX"},
            "total": "12.50",
        },
    )
    other = InboxDocument.objects.create(
        source="webshop", external_id="o2", fingerprint="g", body={"customer": {"email": "fedde@example.org"}}
    )
    owner = make_user("head_office")
    job = Job(kind="x", title="Fout bij 9000 000 123", owner=owner, language="nl")
    job.file.save("x.csv", ContentFile(b"naam;mail\nFenna;fenna.terpstra@example.org\n"))
    file = Path(job.file.path)
    assert all(trace in dump() for trace in ("fenna", "terpstra", "12344812", "9000000123", "kanaalpad", "vaas"))

    # when
    proof = erase(customer=fenna, principal=owner)

    # then
    left = dump()
    assert [line for line in left.splitlines() if any(trace in line for trace in TRACES)] == []
    assert "web-4711" not in left
    assert proof.records == 1
    assert "1234" not in str(InboxDocument.objects.get(external_id="o1").body)
    assert InboxDocument.objects.get(external_id="o1").body["total"] == "12.50"
    assert InboxDocument.objects.get(pk=other.pk).body == {"customer": {"email": "fedde@example.org"}}
    assert not file.exists()


def test_points_are_forfeited_by_the_ledger(fenna: Customer, django_capture_on_commit_callbacks: Any) -> None:
    # given: points that the ledger knows of
    account = LoyaltyAccount.objects.get()
    day = dt.date(2026, 11, 1)
    write_entries(
        Booking(
            Cause("test", lot.order_number, 0, day, timezone.now(), day),
            PointsEntry.Kind.EARNED,
            0,
            account,
            lot,
            lot.earned,
            not lot.is_active,
            lot.order_number,
            "2026-1",
        )
        for lot in PointsLot.objects.all()
    )
    assert unreconciled() == []

    # when
    with django_capture_on_commit_callbacks(execute=True):
        erase(customer=fenna, principal=None)

    # then
    account = LoyaltyAccount.objects.get()
    assert (account.balance, account.pending) == (0, 0)
    forfeited = PointsEntry.objects.filter(kind=PointsEntry.Kind.FORFEITED)
    assert sorted(forfeited.values_list("points", "is_pending")) == [(-40, False), (-10, True)]
    assert not PointsLot.objects.filter(remaining__gt=0).exists()
    assert unreconciled() == []


def unreconciled() -> list[str]:
    return [str(one) for outcome in reconcile() for one in outcome.differences]


def test_of_a_customer_who_was_joined_the_old_one_is_empty_too(fenna: Customer) -> None:
    # given
    [till] = recognise(
        [Person(source="tills", external_id="t1", first_name="Fenna", last_name="Terpstra", city="Leeuwarden")],
        actor="test",
    )
    [own] = SourceRecord.objects.filter(customer=fenna)
    assert till is not None
    join(own.pk, till, basis=Basis.BY_HAND, actor="user:1", reason="Fenna zei het zelf")
    merged = Customer.objects.get(source_records=till)

    # when
    erase(customer=merged, principal=None)

    # then
    assert [line for line in dump().splitlines() if any(trace in line for trace in TRACES)] == []


def test_what_is_not_finished_comes_first_and_then_nothing_changed(
    fenna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    before = dump()
    monkeypatch.setattr(erasing, "_blocks", [lambda records: "An order is on its way."])

    # then
    with pytest.raises(Conflict, match="on its way"):
        erase(customer=fenna, principal=None)
    assert dump() == before


def test_what_goes_wrong_halfway_leaves_nothing_half_done(fenna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    before = dump()

    def fail(*where: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(erasing, "erase_by_words", fail)

    # then
    with pytest.raises(RuntimeError):
        erase(customer=fenna, principal=None)
    assert dump() == before


def test_whoever_shares_a_house_and_a_name_keeps_what_is_theirs(fenna: Customer) -> None:
    # given
    [record_id] = recognise(
        [
            Person(
                source="webshop",
                first_name="Sjoerd",
                last_name="Terpstra",
                email="sjoerd@example.org",
                street="Kanaalpad",
                house_number="7",
                postcode="8911KX",
            )
        ],
        actor="test",
    )

    # when
    erase(customer=fenna, principal=None)

    # then
    sjoerd = Customer.objects.get(source_records=record_id)
    assert (sjoerd.name, sjoerd.street, sjoerd.email) == ("Sjoerd Terpstra", "Kanaalpad", "sjoerd@example.org")


def test_only_what_names_the_person_is_cleared_of_a_document_about_many() -> None:
    # given
    words = PersonWords({"anne@example.org", "+31612344812"}, {"Anne", "Dorpsstraat"})
    document = {
        "store": "S001",
        "tickets": [
            {"customer": {"email": "Anne@Example.org"}, "note": "voor Anne"},
            {"customer": {"phone": "0031 6 1234 4812"}, "street": "Dorpsstraat"},
            {"customer": {"email": "jan@example.org"}, "street": "Dorpsstraat", "note": "Anne"},
        ],
    }

    # then
    assert words.erased_from(document) == {
        "store": "S001",
        "tickets": [
            {"customer": {"email": ERASED}, "note": f"voor {ERASED}"},
            {"customer": {"phone": ERASED}, "street": ERASED},
            {"customer": {"email": "jan@example.org"}, "street": "Dorpsstraat", "note": "Anne"},
        ],
    }


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_is_written_while_its_reader_is_forgotten_goes_nowhere(fenna: Customer) -> None:
    # given: what was read of her before
    record_id, address = fenna.source_records.get().pk, fenna.email
    [other_id] = recognise([Person(source="webshop", account_id="web-2", email="els@example.org")], actor="test")
    half_way, queued = threading.Event(), threading.Event()

    def forget() -> None:
        with transaction.atomic():
            erase(customer=fenna, principal=None)
            half_way.set()
            assert not queued.wait(1)  # whoever writes her a letter waits for this
        connection.close()

    def write(record: int | None, to: str, cause: str) -> None:
        queue_message(
            template="left_out",
            address=to,
            locale="nl",
            context={"name": to, "number": "T1", "lines": [], "shop": "Moswijk"},
            source_record_id=record,
            dedupe_key=cause,
        )

    # when
    with ThreadPoolExecutor(1) as pool:
        erasing = pool.submit(forget)
        assert half_way.wait(20)
        write(record_id, address, "to her")
        queued.set()
        erasing.result()
    write(record_id, address, "to her again")
    write(other_id, "els@example.org", "to another")

    # then
    assert set(Message.objects.exclude(dedupe_key="x").values_list("dedupe_key", flat=True)) == {"to another"}
    assert "fenna" not in dump()


def comes(**more: Any) -> int:
    """Fenna comes again, in a transaction of her own; her record."""
    told = {"source": "webshop", "account_id": "web-4711"} | more
    with transaction.atomic():
        [record_id] = recognise([Person(**told)], actor="test")
    assert record_id is not None
    return record_id


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(
            {"source": "tills", "account_id": "", "external_id": "t1", "loyalty_card": "9000000123"}, id="card"
        ),
        pytest.param({"phone": "0698765432"}, id="account"),
    ],
)
def test_who_comes_back_while_they_are_forgotten_is_new(fenna: Customer, told: dict[str, Any]) -> None:
    # when
    came = while_another_waits(lambda: erase(customer=fenna, principal=None), lambda: comes(**told))

    # then: nothing of before hangs on them, and nothing of them on what was forgotten
    customer = Customer.objects.get(source_records=came)
    assert customer != fenna
    assert fenna.source_records.exclude(external_id__startswith="~").count() == 0
    assert (customer.name, customer.street) == ("", "")
    assert [line for line in dump().splitlines() if any(trace in line for trace in ("terpstra", "kanaalpad"))] == []


@pytest.mark.django_db(transaction=True)
def test_whoever_shares_a_proof_with_somebody_who_is_being_forgotten_is_not_joined_with_them(fenna: Customer) -> None:
    # given
    els = comes(source="app", account_id="els", phone="0612345678")

    # when
    while_another_waits(
        lambda: erase(customer=fenna, principal=None),
        lambda: comes(source="app", account_id="els", loyalty_card="9000000123"),
    )

    # then
    assert Customer.objects.get(source_records=els) != fenna
    assert not Doubt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_for_whoever_is_coming_in_and_sees_what_they_leave(
    fenna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: an order that is being taken in, and is not finished
    came: list[str] = []
    monkeypatch.setattr(erasing, "_blocks", [lambda records: "It is on its way." if came else ""])

    def forget() -> str:
        try:
            erase(customer=fenna, principal=None)
        except Conflict as refusal:
            return str(refusal)
        return "forgotten"

    def goes_on() -> None:
        comes(phone="0698765432")
        came.append("order")

    # when
    said = while_another_waits(comes, forget, then=goes_on)

    # then
    fenna.refresh_from_db()
    assert (said, fenna.phone, fenna.street) == ("It is on its way.", "+31698765432", "Kanaalpad")


@pytest.mark.django_db(transaction=True)
def test_who_comes_in_at_night_has_not_lapsed(db: None) -> None:
    # given: somebody of whom nothing happened since, but for what is not committed yet
    els = comes(source="app", account_id="els", first_name="Els")
    customer, before = Customer.objects.get(source_records=els), timezone.now()

    def says_yes() -> None:
        comes(source="app", account_id="els")
        record_consent(source_record_id=els, purpose="newsletter", given=True, text_version="2026-11", proof="webshop")

    # when
    done = while_another_waits(says_yes, lambda: LapsedCustomers().let_go([customer.pk], before))

    # then
    customer.refresh_from_db()
    assert (done, customer.name) == ((0, 0), "Els")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_called_forgotten_who_was_joined_just_before(fenna: Customer) -> None:
    # given
    older = comes(source="app", account_id="older")
    Customer.objects.filter(source_records=older).update(since=timezone.now())
    own = fenna.source_records.get().pk

    def forget() -> str:
        try:
            erase(customer=Customer.objects.get(source_records=older), principal=None)
        except Conflict:
            return "refused"
        return "forgotten"

    # when
    said = while_another_waits(
        lambda: join(own, older, basis=Basis.BY_HAND, actor="user:1"),
        forget,
    )

    # then
    assert said == "refused"
    assert not Erasure.objects.exists()


def test_what_was_asked_of_somebody_forgotten_is_no_question_any_more(fenna: Customer) -> None:
    # given
    els, own = comes(source="app", account_id="els"), fenna.source_records.get().pk
    ask(own, els, basis=Basis.RECOGNISED, cause="given_name")

    # when
    erase(customer=fenna, principal=None)

    # then
    assert Doubt.objects.get().outcome == "moot"
    with pytest.raises(Conflict):
        join(own, els, basis=Basis.BY_HAND, actor="user:1")
