"""Returns in the search box."""

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.core.numbers import RETURN, is_number
from apps.core.reach import reach_of
from apps.orders.finding import begins_with, compact
from apps.portal import formats
from apps.portal.contributions import ASKED, Found, SearchHit
from apps.returns.models import Return
from apps.returns.services.looking_up import open_return
from apps.returns.states import state_of

SHORTEST = 4
_NUMBER = re.compile(r"R\d{0,11}")


def find_returns(principal: Any, text: str, limit: int) -> Found:
    """Returns by number (or how it begins), or by return code; a full one is exact."""
    code = compact(text)
    if len(code) < SHORTEST:
        return Found()
    wanted = Q(pk__in=list(Return.objects.filter(return_code=code).values_list("pk", flat=True)))
    if _NUMBER.fullmatch(code):
        wanted |= begins_with(Return.objects.all(), code)
    returns = Return.objects.visible_to(principal).filter(wanted).select_related("channel", "location")

    def as_hit(rma: Return) -> SearchHit:
        tone, word = state_of(rma)
        return SearchHit(
            title=rma.number,
            url=rma.get_absolute_url(),
            meta=f"{formats.when(rma.occurred_at)}, {rma.location or rma.channel}",
            status=word,
            tone=tone,
            exact=code in {rma.number, rma.return_code},
        )

    found = Found.of(returns.order_by("-occurred_at", "-id"), as_hit, limit)
    if found.hits or not is_number(code, RETURN) or not reach_of(principal).may("customers.lookup"):
        return found
    return Found([SearchHit(title=_("Open return %(number)s") % {"number": code}, meta=ASKED, asks=True)], 1)


def open_return_given(request: HttpRequest, text: str) -> HttpResponse | None:
    """The return with this number or return code, wherever it was announced; opening it is written down."""
    rma = open_return(text=text, principal=request.user)
    return HttpResponseRedirect(rma.get_absolute_url()) if rma else None
