"""Restricting the use of what we know of somebody (article 18), and holding it against erasure.

A restricted customer is stored and nothing else: no segment, mailing, offer or matching has them. What they order they still get.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.actors import SYSTEM, actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.customers.models import Customer, MatchRequest, Protection, SourceRecord
from apps.customers.rights.erasing import blocks_erasure
from apps.customers.services.reading import source_records_of

Kind = Protection.Kind


@transaction.atomic
def protect(
    *, customer: Customer, kind: str, reason: str, principal: Any, ends_on: dt.date | None = None
) -> list[Protection]:
    """Restrict the use of somebody's data, or hold it. Each of their records is marked, so it stays with what is taken apart.

    Raises InvalidInput without a reason or with an end that is past, Conflict where it is so already.
    """
    if not reason.strip():
        detail = _("Say why.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "reason")])
    if ends_on is not None and ends_on < timezone.localdate():
        detail = _("Choose a day that is still to come.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "ends_on")])
    records = source_records_of(Customer.objects.select_for_update(no_key=True).get(pk=customer.pk))
    Protection.objects.filter(
        source_record__in=records, kind=kind, ended_at=None, ends_on__lt=timezone.localdate()
    ).update(ended_at=timezone.now())
    marked = set(
        Protection.objects.filter(source_record__in=records, kind=kind, ended_at=None).values_list(
            "source_record", flat=True
        )
    )
    if marked.issuperset(records):
        raise Conflict(_("This is so already."))
    return Protection.objects.bulk_create(
        Protection(
            source_record_id=record,
            kind=kind,
            reason=reason.strip(),
            ends_on=ends_on,
            set_by=actor_of(principal),
        )
        for record in records
        if record not in marked
    )


@transaction.atomic
def release(*, customer: Customer, kind: str, principal: Any) -> int:
    """End a restriction or a hold on all records of somebody; return on how many it was. Raises Conflict where it was on none."""
    rows = Protection.objects.filter(source_record__customer=customer, kind=kind, ended_at=None)
    ended = _end(rows, by=actor_of(principal))
    if not ended:
        raise Conflict(_("There is nothing to end."))
    return ended


@transaction.atomic
def end_what_ran_out() -> int:
    """End what holds no longer because its day is over; return on how many records."""
    over = Protection.objects.filter(ended_at=None, ends_on__lt=timezone.localdate())
    return _end(over.select_for_update(skip_locked=True), by=SYSTEM)


def _end(rows: QuerySet[Protection], *, by: str) -> int:
    """Whoever may be used again is held against all others: newcomers could not meet them meanwhile."""
    ending = list(rows.values_list("pk", "source_record", "kind"))
    Protection.objects.filter(pk__in=[pk for pk, _record, _kind in ending]).update(ended_at=timezone.now(), ended_by=by)
    free = [record for _pk, record, kind in ending if kind == Kind.RESTRICTED]
    theirs = SourceRecord.objects.filter(customer__source_records__in=free).distinct().values_list("pk", flat=True)
    MatchRequest.objects.bulk_create(MatchRequest(record_id=record) for record in theirs)
    return len(ending)


def protections_of(source_record_ids: Collection[int]) -> dict[str, Protection]:
    """What holds now for somebody: the oldest one in force of each kind."""
    rows = Protection.objects.in_force().filter(source_record__in=source_record_ids).order_by("-pk")
    return {row.kind: row for row in rows}


def hold_words(held: Protection) -> str:
    """Why something must be kept, and until when."""
    if held.ends_on is None:
        return _("This must be kept: %(reason)s.") % {"reason": held.reason.rstrip(".")}
    until = date_format(held.ends_on, "j F Y")
    return _("This must be kept until %(day)s: %(reason)s.") % {"day": until, "reason": held.reason.rstrip(".")}


@blocks_erasure
def held(source_record_ids: Sequence[int]) -> str:
    """What is held is not erased, by nobody."""
    hold = protections_of(source_record_ids).get(Kind.HELD)
    return hold_words(hold) if hold else ""
