"""Customers who came no more: after the term they are forgotten, as if they had asked."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Conflict
from apps.core.privacy.erasing import Mentions, erase_by_words, mentions_of
from apps.core.privacy.triggers import redacting
from apps.core.privacy.words import PersonWords
from apps.customers.models import Consent, Customer, Erasure, PrivacyRequest, SourceRecord
from apps.customers.rights.erasing import erase, words_of
from apps.customers.rights.retention.letting_go import let_go_of
from apps.customers.rights.retention.rules import RetentionRule, keeps_customers, retention, still_come

log = logging.getLogger(__name__)

TRIES = 3


class LapsedCustomers:
    """Customers of whom nothing happened since the term began, and who have nothing left with us.

    Who has something that is not finished waits, as does one who could not be reached just then.
    """

    model: type[Model] = Customer
    at_once = 1000  # what only words lead to is read twice for each of these batches

    def due(self, before: dt.datetime) -> QuerySet[Any]:
        rows = Customer.objects.filter(merged_into=None, since__lt=before).exclude(
            Exists(Erasure.objects.filter(customer_key=OuterRef("key")))
        )
        for records in still_come(before):
            rows = rows.exclude(Exists(SourceRecord.objects.filter(customer=OuterRef("pk"), pk__in=records)))
        return rows.order_by("pk")

    def let_go(self, keys: Sequence[Any], before: dt.datetime) -> tuple[int, int]:
        """Forget each in a transaction of their own. Who came back meanwhile, or was forgotten by another worker, is left."""
        waiting = 0
        forgotten: dict[int, PersonWords] = {}
        for key, mentions in mentions_of({key: words_of(_records_of(key)) for key in keys}).items():
            try:
                if self._forget(key, before, mentions):
                    forgotten[key] = mentions.words
            except Conflict:
                log.info("customer %s waits: something of theirs is not finished", key)
                waiting += 1
            except DatabaseError:
                log.exception("customer %s could not be forgotten", key)
                waiting += 1
        _forget_what_was_written_meanwhile(forgotten)
        return len(forgotten), waiting

    @transaction.atomic
    def _forget(self, key: int, before: dt.datetime, mentions: Mentions) -> bool:
        list(Customer.objects.select_for_update().filter(pk=key).values_list("pk"))
        customer = let_go_of(self, before, among=[key]).first()
        if customer is None:
            return False
        erase(customer=customer, principal=None, mentions=mentions)
        return True

    def sample(self, rows: QuerySet[Any], number: int) -> list[tuple[dt.datetime, str]]:
        oldest = rows.order_by("since", "pk").values_list("since", flat=True)[:number]
        return [(since, _("customer since %(year)s") % {"year": since.year}) for since in oldest]


def _records_of(key: int) -> list[int]:
    return list(SourceRecord.objects.filter(customer=key).values_list("pk", flat=True))


def _forget_what_was_written_meanwhile(forgotten: dict[int, PersonWords]) -> None:
    """A row that others were writing during the search, and one they changed since, may name them. Their words are known here
    and nowhere else any more, so each is tried more than once, and no failure keeps the others."""
    try:
        found = mentions_of(forgotten)
    except DatabaseError:
        log.exception("customers %s are forgotten; what was written meanwhile was not read", sorted(forgotten))
        return
    for key, mentions in found.items():
        if mentions.rows and not any(_is_cleared(mentions) for _try in range(TRIES)):
            rows = {model._meta.label: sorted(keys) for model, keys in mentions.rows.items()}
            log.error("customer %s is forgotten, but these rows still name them: %s", key, rows)


def _is_cleared(mentions: Mentions) -> bool:
    try:
        with redacting():
            erase_by_words(mentions.words, mentions)
    except DatabaseError:
        log.warning("a row that names somebody who is forgotten could not be cleared yet", exc_info=True)
        return False
    return True


@keeps_customers
def told_of(since: dt.datetime) -> QuerySet[Any]:
    """Whoever a system first told of since then."""
    return SourceRecord.objects.filter(recorded_at__gte=since).values("pk")


@keeps_customers
def asked(since: dt.datetime) -> QuerySet[Any]:
    """Whoever asked something about their data since then."""
    return PrivacyRequest.objects.filter(received_on__gte=since.date()).values("source_record")


@keeps_customers
def allowed(since: dt.datetime) -> QuerySet[Any]:
    """Whoever said yes to something since then."""
    return Consent.objects.filter(given=True, occurred_at__gte=since).values("source_record")


retention(
    RetentionRule(
        code="customers",
        name=gettext_lazy("Customers who came no more"),
        purpose=gettext_lazy("Knowing our customers, and serving them with their history"),
        since=gettext_lazy(
            "after the last purchase, return, conversation, request or consent; not while they have points, or something is "
            "not finished"
        ),
        ends=gettext_lazy("They are forgotten, as if they had asked. Orders and amounts stay and name nobody."),
        why=gettext_lazy("Four years is what the trade association of data-driven marketing gives as its example."),
        months=48,
        least=12,
        parts=(LapsedCustomers(),),
    )
)
