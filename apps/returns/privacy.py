"""Returns in the register of personal data."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.privacy.register import Personal, declare
from apps.customers.rights.erasing import blocks_erasure
from apps.customers.rights.foreseeing import Line, stays_after_erasure
from apps.customers.rights.retention.rules import keeps_customers
from apps.returns.models import Return, ReturnLine, ReturnStatus

declare(
    Return,
    impersonal={
        "number",
        "external_id",
        "fingerprint",
        "origin",
        "status",
        "return_code",
        "currency",
        "withdrawn_because",
    },
)
declare(
    ReturnLine,
    personal={"reason": Personal("why somebody brought it back")},
    impersonal={"charge_type", "sku", "name", "grade"},
    subject="rma__source_record",
)


@blocks_erasure
def open_returns(source_record_ids: Sequence[int]) -> str:
    """Whoever still gets money back cannot be forgotten before they have it."""
    done = (ReturnStatus.SETTLED, ReturnStatus.WITHDRAWN)
    going = Return.objects.filter(source_record__in=source_record_ids).exclude(status__in=done).order_by("pk")
    numbers = ", ".join(going.values_list("number", flat=True)[:5])
    return _("These returns are not finished: %(numbers)s.") % {"numbers": numbers} if numbers else ""


@stays_after_erasure
def returns_of(source_record_ids: Sequence[int]) -> Line | None:
    """What came back and was paid back stays for the tax office."""
    number = Return.objects.filter(source_record__in=source_record_ids).count()
    why = _("The tax office asks for seven years of books. Whose they were is not said any more.")
    return Line(_("Returns with what was paid back"), number, why) if number else None


@keeps_customers
def brought_back(since: dt.datetime) -> QuerySet[Any]:
    """Whoever announced a return, or got money back, since then."""
    late = Q(occurred_at__gte=since) | Q(settled_at__gte=since)
    return Return.objects.filter(late, source_record__isnull=False).order_by().values("source_record")
