"""Returns in the search box and under the scanner."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.orders.finding import compact
from apps.portal import formats
from apps.portal.contributions import ScanAnswer, Scanned, SearchHit
from apps.returns.models import WAITING, Return
from apps.returns.services.looking_up import open_return
from apps.returns.states import state_of

SHORTEST = 4


def find_returns(principal: Any, text: str, limit: int) -> Iterable[SearchHit]:
    """Returns by number, or how it begins."""
    code = compact(text)
    if len(code) < SHORTEST or not code.startswith("R"):
        return
    found = Return.objects.visible_to(principal).filter(number__startswith=code).select_related("channel", "location")
    for rma in found.order_by("-occurred_at", "-id")[:limit]:
        tone, word = state_of(rma)
        yield SearchHit(
            title=rma.number,
            url=rma.get_absolute_url(),
            meta=f"{formats.when(rma.occurred_at)}, {rma.location or rma.channel}",
            status=word,
            tone=tone,
            exact=rma.number == code,
        )


def scan_return(scanned: Scanned) -> ScanAnswer | None:
    """A return's number, or the code that the customer shows, opens it; one that is expected, ready to be taken in."""
    rma = open_return(text=scanned.code, principal=scanned.principal)
    if rma is None:
        return None
    waits = rma.status in WAITING and scanned.location is not None
    url = reverse("returns:take-in", kwargs={"number": rma.number}) if waits else rma.get_absolute_url()
    return ScanAnswer(said=_("Return %(number)s") % {"number": rma.number}, url=url)
