"""Forgetting somebody: every word about them goes, in one transaction; what the books need stays, and names nobody.

An app above says with `blocks_erasure` what must be finished first, and with `at_erasure` what it does in the same transaction
(points are forfeited). Both are given the source records.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault
from apps.core.events.log import Happened, record
from apps.core.privacy.erasing import Mentions, erase_by_key, erase_by_words, rows_about, tables_by_key
from apps.core.privacy.triggers import redacting
from apps.core.privacy.words import PersonWords
from apps.customers.models import Customer, Doubt, Erasure, Identifier, SourceRecord
from apps.customers.rights import keeping
from apps.customers.services.projecting import refresh_customers
from apps.customers.services.reading import source_records_of
from apps.customers.services.saying import close
from apps.customers.services.suppressing import digests_of

Block = Callable[[Sequence[int]], str]
Act = Callable[[Sequence[int], str], None]

_blocks: list[Block] = []
_acts: list[Act] = []
_COMPANY = (Identifier.Kind.KVK, Identifier.Kind.VAT)  # of the company, which others speak for too
_SHARED = (Identifier.Kind.ADDRESS, *_COMPANY)


def blocks_erasure(block: Block) -> Block:
    """Register a reason why somebody cannot be forgotten yet: a sentence, or "" where there is none."""
    _blocks.append(block)
    return block


def at_erasure(act: Act) -> Act:
    """Register what an app does when somebody is forgotten: `act(source record ids, actor)`."""
    _acts.append(act)
    return act


@dataclass(frozen=True)
class Erased:
    """The proof: whose key, when, and how many rows of each table. Nothing of it is personal."""

    customer_key: str
    records: int
    rows: Counter[str]


def blocked_by(customer: Customer) -> list[str]:
    """What must be finished before somebody can be forgotten."""
    return _blocks_of(source_records_of(customer))


def _blocks_of(record_ids: Sequence[int]) -> list[str]:
    return [reason for block in _blocks if (reason := block(record_ids))]


def erase(*, customer: Customer, principal: Any, mentions: Mentions | None = None) -> Erased:
    """Forget somebody, who is named in these `mentions` and in no other row that only words lead to, if they were looked up.

    Raises Conflict, with every reason, while something of theirs is not finished, or when they were joined with another
    customer before we had them; then nothing changed.
    """
    with redacting():
        record_ids = [one.pk for one in _hold(Q(customer=customer))]
        if not record_ids:
            raise Conflict(_("They were joined with another customer in the meantime."))
        _refuse_unfinished(record_ids)
        erasure = Erasure.objects.create(
            customer_key=customer.key,
            records=list(SourceRecord.objects.filter(pk__in=record_ids).values_list("key", flat=True)),
            digests=sorted(digests_of(record_ids)),
        )
        transaction.on_commit(partial(keeping.add, erasure), robust=True)  # else the daily comparison names it
        return _erase(record_ids, customer_key=customer.key, principal=principal, mentions=mentions)


def erase_again(*, erasure: Erasure, principal: Any) -> Erased:
    """Forget the records of an erasure, which a restore brought back; whatever else their customer is made of stays.

    Raises Conflict as `erase` does.
    """
    with redacting():
        records = _hold(Q(key__in=erasure.records))
        customer_ids, record_ids = {one.customer_id for one in records}, [one.pk for one in records]
        _refuse_unfinished(record_ids)
        erased = _erase(record_ids, customer_key=erasure.customer_key, principal=principal)
        refresh_customers(customer_ids)
        return erased


def _hold(about: Q) -> list[SourceRecord]:
    """Lock records after their customers, in the order in which whoever recognises somebody does.

    Who comes in at this moment waits. A newcomer who read one of these customers before is overtaken by their new generation,
    and looks again; a record that was read before is not there any more.
    """
    customers = Customer.objects.filter(pk__in=SourceRecord.objects.filter(about).values("customer"))
    held = list(customers.select_for_update().order_by("pk").values_list("pk", flat=True))
    Customer.objects.filter(pk__in=held).update(generation=F("generation") + 1)
    return list(SourceRecord.objects.select_for_update().filter(about).order_by("pk"))


def _refuse_unfinished(record_ids: Sequence[int]) -> None:
    if reasons := _blocks_of(record_ids):
        raise Conflict(" ".join(reasons), faults=[Fault("not_finished", reason) for reason in reasons])


def _erase(
    record_ids: Sequence[int], *, customer_key: uuid.UUID, principal: Any, mentions: Mentions | None = None
) -> Erased:
    words = words_of(record_ids)
    for act in _acts:
        act(record_ids, actor_of(principal))
    rows = erase_by_key(record_ids, words) + erase_by_words(words, mentions)
    Identifier.objects.filter(source_record__in=record_ids, valid_until=None).update(valid_until=timezone.now())
    asked = Doubt.objects.filter(Q(left__in=record_ids) | Q(right__in=record_ids), outcome=Doubt.Outcome.OPEN)
    close(asked, outcome=Doubt.Outcome.MOOT, actor=actor_of(principal))
    record(
        Happened(
            topic="customer.erased",
            object_type="customer",
            object_key=str(customer_key),
            occurred_at=timezone.now(),
            payload={"records": len(record_ids)},
        )
    )
    return Erased(str(customer_key), len(record_ids), rows)


def words_of(record_ids: Sequence[int]) -> PersonWords:
    """What somebody is known by, over all tables that a key leads to."""
    words = PersonWords()
    signs = Identifier.objects.filter(source_record__in=record_ids)
    words.telling |= set(signs.exclude(kind__in=_SHARED).values_list("value", flat=True))
    for external_id in SourceRecord.objects.filter(pk__in=record_ids).values_list("external_id", flat=True):
        words.telling.add(external_id.partition(":")[2] or external_id)
    for model, fields in tables_by_key():
        names = [name for name in fields if _tells(model, name)]
        for row in rows_about(model, record_ids).values(*names) if names else ():
            for name, value in row.items():
                if value:
                    (words.telling if name in {"email", "phone", "address"} else words.other).add(str(value))
    words.telling = {value for value in words.telling if len(value) > 4}
    words.other |= {part for name in words.other for part in name.split()}
    return words


_TELLING_COLUMNS = {
    "email",
    "phone",
    "address",
    "name",
    "first_name",
    "last_name",
    "street",
    "postcode",
    "birth_date",
}


def _tells(model: type[models.Model], name: str) -> bool:
    return name in _TELLING_COLUMNS and model._meta.model_name != "collector"
