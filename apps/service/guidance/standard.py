"""What every version says because the law does, unless it has a rule of its own for it.

These rules stand after the last of a version, so any of its own for the same state goes before them. They are in no table: a
version that was published before them, and a chain that has not written anything yet, must treat people by the law as well.
"""

from django.utils.translation import gettext as _

from apps.service.guidance.models import GuidanceRule
from apps.service.guidance.states import ERASURE_ASKED, RESTRICTED

_AFTER_ALL = 32_000


def standard_rules() -> tuple[GuidanceRule, ...]:
    """The rules, in no database."""
    return (
        GuidanceRule(
            position=_AFTER_ALL,
            name=_("Use restricted"),
            state=RESTRICTED,
            say={
                "nl": "Help met waar de klant nu voor komt: een order, een retour, garantie.",
                "en": "Help with what the customer comes for now: an order, a return, warranty.",
            },
            ask={},
            skip={
                "nl": "Geen aanbiedingen, geen klantenkaart en geen vraag om toestemming.\nGebruik niet wat ze eerder kochten.",
                "en": "No offers, no loyalty card and no question for consent.\nDo not use what they bought before.",
            },
        ),
        GuidanceRule(
            position=_AFTER_ALL + 1,
            name=_("Asked to be erased"),
            state=ERASURE_ASKED,
            say={
                "nl": "Zeg dat het verzoek in behandeling is en dat ze bericht krijgen.",
                "en": "Say that the request is being handled, and that they will hear from us.",
            },
            ask={},
            skip={
                "nl": "Geen aanbiedingen en geen vraag om toestemming.\nVraag en noteer niet meer dan nodig is.",
                "en": "No offers, and no question for consent.\nAsk and write down no more than is needed.",
            },
        ),
    )


def is_standard(rule: GuidanceRule) -> bool:
    """Whether a rule is one of these rather than of a version."""
    return rule.position >= _AFTER_ALL
