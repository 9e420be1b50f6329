"""Returns under the scanner."""

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.numbers import RETURN, is_number
from apps.orders.finding import compact
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned
from apps.returns.models import WAITING
from apps.returns.services.looking_up import by_shown, open_return


def match_return(scanned: Scanned) -> ScanMatch | None:
    """A return's number, or the code that the customer shows, opens it; one that is expected, ready to be taken in."""
    if by_shown(scanned.code) is None:
        return None
    return ScanMatch(answer=lambda: _return(scanned), about=compact(scanned.code))


def note_unknown(scanned: Scanned) -> None:
    """A number that no return has: somebody who tries them shows in the log of looks, and is slowed down."""
    if is_number(compact(scanned.code), RETURN):
        open_return(text=scanned.code, principal=scanned.principal)


def _return(scanned: Scanned) -> ScanAnswer | None:
    rma = open_return(text=scanned.code, principal=scanned.principal)
    if rma is None:
        return None
    waits = rma.status in WAITING and scanned.location is not None
    url = reverse("returns:take-in", kwargs={"number": rma.number}) if waits else rma.get_absolute_url()
    return ScanAnswer(said=_("Return %(number)s") % {"number": rma.number}, url=url)
