"""A card of ours that nobody holds yet."""

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.codes.reading import Reading
from apps.customers.services.guessing import names_somebody
from apps.loyalty.services.cards import is_card
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_blank_card(scanned: Scanned) -> ScanMatch | None:
    """A well-formed card number counts when the code is nothing else: it would be somebody's if it had been given out."""
    if not is_card(scanned.code):
        return None
    return ScanMatch(answer=_nobody, only_a_guess=True)


def _nobody() -> ScanAnswer:
    return ScanAnswer(said=_("A card that nobody holds"), template="loyalty/_blank_card.html", is_known=False)


def link_new_card(reading: Reading, _times: int) -> str:
    """Where somebody who is not known gets a card; "" for a code that names nobody, or a product that is not known."""
    is_product = bool(reading.gtin) and not is_card(reading.text)
    return reverse("loyalty:new-card") if names_somebody(reading.text) and not is_product else ""
