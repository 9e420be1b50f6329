"""A card of ours that nobody holds yet."""

from django.utils.translation import gettext as _

from apps.loyalty.services.cards import is_card
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_blank_card(scanned: Scanned) -> ScanMatch | None:
    """A well-formed card number counts when the code is nothing else: it would be somebody's if it had been given out."""
    if not is_card(scanned.code):
        return None
    return ScanMatch(answer=_nobody, only_a_guess=True)


def _nobody() -> ScanAnswer:
    return ScanAnswer(said=_("A card that nobody holds"), template="loyalty/_blank_card.html", is_known=False)
