"""Recognised by the payment card: of who consented, by a keyed digest, and of nobody else."""

import json
from typing import Any

import pytest
from django.core import serializers

from apps.core.models import Event, InboxDocument, Quarantined
from apps.customers.models import Identifier, SourceRecord
from apps.customers.services.consenting import record_consent
from apps.orders.models import Order
from tests.tills.tickets import line, send, ticket

CARD = {"loyalty_card": "29123456789012"}
TOKEN = "PAR-500166XYZ"


def say(record: SourceRecord, *, given: bool) -> None:
    record_consent(
        source_record_id=record.pk, purpose="payment_recognition", given=given, text_version="2026-11", proof="test"
    )


def buyer_of(shop: Any, **customer: Any) -> SourceRecord | None:
    [number] = send(shop, ticket(customer=customer))["numbers"]
    return Order.objects.get(number=number).source_record


@pytest.fixture
def known(shop: Any) -> SourceRecord:
    """Somebody with a loyalty card, who consented to be recognised by their payment card."""
    record = buyer_of(shop, **CARD)
    assert record is not None
    say(record, given=True)
    return record


def test_who_consented_is_recognised_by_the_payment_card_alone(shop, known):
    # given
    assert buyer_of(shop, **CARD, payment_token=TOKEN) == known
    # when
    later = [buyer_of(shop, payment_token=f" {TOKEN} "), buyer_of(shop, payment_token="PAR-OTHER")]
    # then
    assert later == [known, None]
    # and the token itself is nowhere
    kept = Identifier.objects.get(kind="payment_token").value
    assert (len(kept), TOKEN in kept) == (64, False)
    everything = [
        *InboxDocument.objects.all(),
        *Quarantined.objects.all(),
        *Event.objects.all(),
        *Identifier.objects.all(),
    ]
    assert TOKEN not in serializers.serialize("json", everything)


def test_of_who_did_not_consent_nothing_is_kept(shop, caplog):
    assert buyer_of(shop, **CARD, payment_token=TOKEN) is not None
    assert buyer_of(shop, payment_token=TOKEN) is None
    assert not Identifier.objects.filter(kind="payment_token").exists()
    assert TOKEN not in caplog.text


def test_who_withdraws_is_recognised_by_it_no_longer(shop, known):
    buyer_of(shop, **CARD, payment_token=TOKEN)
    say(known, given=False)
    assert buyer_of(shop, payment_token=TOKEN) is None


def test_a_token_tells_no_tickets_apart_and_is_not_kept_with_what_is_wrong(shop, known):
    # given a ticket that cannot be booked, and one that can
    odd = ticket(line("NO-SUCH"), customer={**CARD, "payment_token": TOKEN})
    sold = ticket(customer={**CARD, "payment_token": ["not", "text"]})
    # when
    assert len(send(shop, [odd, sold])["quarantined"]) == 1
    again = {**sold, "customer": {**CARD, "payment_token": TOKEN}}
    # then
    assert send(shop, again)["duplicates"] == 1
    kept = [document.body for document in InboxDocument.objects.all()]
    assert TOKEN not in json.dumps(kept)
    assert all("payment_token" not in json.dumps(body) for body in kept)
