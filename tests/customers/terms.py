"""People and their words in time, and the rules that say how long both are kept."""

import datetime as dt
from typing import Any

from apps.core.models import InboxDocument
from apps.customers.models import SourceRecord
from apps.customers.rights.retention.rules import RetentionRule, rule_called
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.service.models import ContactMoment

NOON = dt.datetime(2026, 11, 23, 11, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)


def met(account: str, **told: Any) -> SourceRecord:
    [record_id] = recognise(
        [Person(source="webshop", account_id=account, last_name="Terpstra", **told)], actor="system"
    )
    return SourceRecord.objects.get(pk=record_id)


def said(record: SourceRecord | None, text: str = "Over de vaas", at: dt.datetime = NOON) -> ContactMoment:
    return ContactMoment.objects.create(
        source="desk",
        external_id=f"{record and record.pk} {at}",
        source_record=record,
        channel="phone",
        topic_id="product",
        text=text,
        actor="user:1",
        occurred_at=at,
        business_date=at.date(),
    )


def held_in_a_document(text: str) -> InboxDocument:
    return InboxDocument.objects.create(source="tills", external_id=text, body={"customer": {"said": text}})


def the(code: str) -> RetentionRule:
    rule = rule_called(code)
    assert rule is not None
    return rule


def text_of(moment: ContactMoment) -> str:
    return ContactMoment.objects.get(pk=moment.pk).text
