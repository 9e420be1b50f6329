"""Customers who came no more: forgotten when it is time, and never who still comes or is held."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from apps.core.models import InboxDocument
from apps.core.privacy.words import ERASED, Crowd
from apps.customers.models import Customer, Erasure, PrivacyRequest, Protection
from apps.customers.rights.handling import receive
from apps.customers.rights.protecting import protect
from apps.customers.rights.retention import lapsed
from apps.customers.rights.retention.lapsed import LapsedCustomers
from apps.customers.rights.retention.letting_go import carry_out, let_go_of, when_over
from apps.customers.services.consenting import record_consent
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.loyalty.models import LoyaltyAccount
from tests.customers.terms import NOON, YEAR, held_in_a_document, met, said, text_of, the
from tests.orders.counter import order_of
from tests.shop import open_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PARTS = (the("conversations").parts[0], the("customers").parts[0])


def test_who_came_no_more_is_forgotten_and_not_brought_back_by_an_old_file(now: Any) -> None:
    # given
    fenna = met("1", email="fenna@example.org", email_is_verified=True)
    now.move_to(NOON + 5 * YEAR)

    # when
    run = carry_out(the("customers"), 48)

    # then
    fenna.refresh_from_db()
    assert (run.rows, run.left, fenna.customer.name, fenna.customer.email) == (1, 0, "", "")
    assert recognise(
        [Person(source="old", external_id="9", email="fenna@example.org")], actor="x", origin="history"
    ) == [None]
    assert carry_out(the("customers"), 48).rows == 0


def test_what_no_key_leads_to_is_read_once_for_however_many_are_forgotten(
    now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: four who came no more, each in a document of their own
    documents = {}
    for number in range(4):
        met(str(number), email=f"fenna{number}@example.org", email_is_verified=True, phone=f"06-1234481{number}")
        documents[number] = held_in_a_document(f"Terpstra, 0031 6 1234 481{number}")
    now.move_to(NOON + 5 * YEAR)
    before = when_over(48)
    keys = list(let_go_of(LapsedCustomers(), before).values_list("pk", flat=True))
    read: list[str] = []
    named_in = Crowd.named_in
    monkeypatch.setattr(Crowd, "named_in", lambda crowd, text: read.append(text) or named_in(crowd, text))

    def readings(keys: list[int]) -> int:
        read.clear()
        LapsedCustomers().let_go(keys, before)
        return len(read)

    # when, then
    assert readings(keys[:1]) == readings(keys[1:]) > 0
    for document in documents.values():
        document.refresh_from_db()
        assert ("4481" in str(document.body), ERASED in str(document.body)) == (False, True)


def written_meanwhile(monkeypatch: pytest.MonkeyPatch, *, when: str) -> list[InboxDocument]:
    """A document that comes in after the search, before or after the one it names is forgotten."""
    late: list[InboxDocument] = []
    erase = lapsed.erase

    def erase_late(**of: Any) -> Any:
        if when == "before" and not late:
            late.append(held_in_a_document("fenna@example.org"))
        erased = erase(**of)
        if when == "after" and not late:
            late.append(held_in_a_document("fenna@example.org"))
        return erased

    monkeypatch.setattr(lapsed, "erase", erase_late)
    return late


def test_what_came_in_before_somebody_was_forgotten_goes_with_them(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a worker that is killed before it reads everything once more
    fenna = met("1", email="fenna@example.org", email_is_verified=True)
    held_in_a_document("somebody else")
    now.move_to(NOON + 5 * YEAR)
    late = written_meanwhile(monkeypatch, when="before")
    monkeypatch.setattr(lapsed, "_forget_what_was_written_meanwhile", lambda forgotten: None)

    # when
    LapsedCustomers().let_go([fenna.customer_id], when_over(48))

    # then
    late[0].refresh_from_db()
    assert "fenna" not in str(late[0].body)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_was_just_being_written_is_cleared_though_a_row_is_locked(
    now: Any, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    # given: the database gives up once or twice
    fenna = met("1", email="fenna@example.org", email_is_verified=True)
    now.move_to(NOON + 5 * YEAR)
    late = written_meanwhile(monkeypatch, when="after")
    given_up(monkeypatch, times)

    # when
    done = LapsedCustomers().let_go([fenna.customer_id], when_over(48))

    # then
    late[0].refresh_from_db()
    assert (done, "fenna" in str(late[0].body)) == ((1, 0), False)


def test_what_cannot_be_cleared_is_counted_and_said(
    now: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # given: two who are forgotten, and a row of the first that stays locked
    keys = [met(name, email=f"{name}@example.org", email_is_verified=True).customer_id for name in ("fenna", "joris")]
    now.move_to(NOON + 5 * YEAR)
    late = written_meanwhile(monkeypatch, when="after")
    given_up(monkeypatch, 99)

    # when
    done = LapsedCustomers().let_go(keys, when_over(48))

    # then
    assert done == (2, 0)
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert f"customer {keys[0]} is forgotten" in said
    assert str({"core.InboxDocument": sorted(one.pk for one in late)}) in said


def given_up(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    clear, left = lapsed.erase_by_words, [times]

    def locked(*of: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OperationalError("canceling statement due to lock timeout")
        return clear(*of)

    monkeypatch.setattr(lapsed, "erase_by_words", locked)


def test_who_cannot_be_forgotten_is_said_and_keeps_no_other(
    now: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # given: of two, the database refuses the first
    first, second = (met(name, email=f"{name}@example.org").customer_id for name in ("fenna", "joris"))
    now.move_to(NOON + 5 * YEAR)
    erase = lapsed.erase

    def refused(**of: Any) -> Any:
        if of["customer"].pk == first:
            raise IntegrityError("a rule of the table")
        return erase(**of)

    monkeypatch.setattr(lapsed, "erase", refused)

    # when
    done = LapsedCustomers().let_go([first, second], when_over(48))

    # then
    assert (done, Customer.objects.get(pk=second).email) == ((1, 1), "")
    assert [(one.levelname, one.exc_info is not None) for one in caplog.records if str(first) in one.getMessage()] == [
        ("ERROR", True)
    ]


@pytest.mark.parametrize("sign", ["nothing", "conversation", "points", "consent", "request", "no any more"])
def test_who_still_comes_stays(sign: str, now: Any) -> None:
    # given
    fenna = met("1")
    now.move_to(NOON + 3 * YEAR)
    match sign:
        case "conversation":
            said(fenna, at=NOON + 3 * YEAR)
        case "points":
            LoyaltyAccount.objects.create(
                card_number="2912345678901", source_record=fenna, balance=5, opened_at=NOON - YEAR
            )
        case "request":
            request = receive(
                customer=fenna.customer, kind="access", came="mail", received_on=timezone.localdate(), principal=None
            )
            PrivacyRequest.objects.filter(pk=request.pk).update(status="done", closed_at=timezone.now())
        case "consent" | "no any more":
            given = sign == "consent"
            record_consent(
                source_record_id=fenna.pk, purpose="newsletter", given=given, text_version="2026-11", proof="webshop"
            )
    now.move_to(NOON + 5 * YEAR)

    # when, then
    assert carry_out(the("customers"), 48).rows == (1 if sign in {"nothing", "no any more"} else 0)


def test_who_bought_lately_stays_and_whose_order_is_not_finished_waits(now: Any) -> None:
    # given
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    order = order_of(shop, ("A", 1))
    assert order.source_record is not None
    customer = order.source_record.customer

    # when: three years later, and five
    now.move_to(NOON + 3 * YEAR)
    known = carry_out(the("customers"), 48)
    now.move_to(NOON + 5 * YEAR)
    waits = carry_out(the("customers"), 48)

    # then
    customer.refresh_from_db()
    assert (known.rows, known.waiting) == (0, 0)
    assert (waits.rows, waits.waiting, waits.left, bool(customer.name)) == (0, 1, 0, True)


def test_who_comes_back_while_the_night_is_at_work_stays(now: Any) -> None:
    # given: chosen, and then they call
    fenna = met("1")
    now.move_to(NOON + 5 * YEAR)
    before = when_over(48)
    chosen = list(let_go_of(LapsedCustomers(), before).values_list("pk", flat=True))
    said(fenna, at=NOON + 5 * YEAR)

    # when, then
    assert (chosen, LapsedCustomers().let_go(chosen, before)) == ([fenna.customer_id], (0, 0))


@pytest.mark.parametrize("why", ["held", "request"])
def test_who_is_held_while_the_night_is_at_work_stays(why: str, now: Any) -> None:
    # given: chosen, and then a claim or a request comes in
    fenna = met("1")
    moment = said(fenna)
    now.move_to(NOON + 6 * YEAR)
    chosen = [(part, list(let_go_of(part, when_over(48)).values_list("pk", flat=True))) for part in PARTS]
    if why == "held":
        protect(customer=fenna.customer, kind=Protection.Kind.HELD, reason="A claim", principal=None)
    else:
        receive(customer=fenna.customer, kind="access", came="mail", received_on=timezone.localdate(), principal=None)

    # when, then
    for part, keys in chosen:
        assert keys
        assert not let_go_of(part, when_over(48), among=keys).exists()
    assert LapsedCustomers().let_go(chosen[1][1], when_over(48)) == (0, 0)
    assert (text_of(moment), Erasure.objects.count()) == ("Over de vaas", 0)
