"""What somebody asked about their own data and waits for."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.customers.models import PrivacyRequest
from apps.customers.rights.tables import clock_tone, clock_words
from apps.customers.services.open_work import MOST, OpenItem


def requests_waiting(principal: Any, source_record_ids: Sequence[int]) -> Iterable[OpenItem]:
    """Open requests, what is due first at the top."""
    asked = PrivacyRequest.objects.visible_to(principal).filter(
        status=PrivacyRequest.Status.OPEN, source_record__in=source_record_ids
    )
    for request in asked.order_by("due_on", "id")[:MOST]:
        yield OpenItem(
            title=_("Asked about their data: %(what)s") % {"what": request.get_kind_display().lower()},
            since=request.received_on,
            status=clock_words(request),
            tone=clock_tone(request),
            url=request.get_absolute_url(),
        )
