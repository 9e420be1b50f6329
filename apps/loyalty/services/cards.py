"""Loyalty card numbers: thirteen digits that a till scans like any bar code, the last one a Luhn check digit."""

from django.conf import settings
from stdnum import luhn

from apps.core.bulk import reserve_ids
from apps.loyalty.models import LoyaltyAccount

LENGTH = 13
_SERIAL = 8
_MODULUS = 10**_SERIAL
_MULTIPLIER = 61_803_399  # coprime with the modulus, so that numbers never meet and do not tell how many there are
_OFFSET = 27_182_818


def prefix() -> str:
    """The first four digits, by default in the range that GS1 leaves to a retailer's own codes."""
    return str(getattr(settings, "LOYALTY_CARD_PREFIX", "2620"))


def draw_cards(count: int) -> list[tuple[int, str]]:
    """New accounts' ids with the card number that goes with each."""
    return [(pk, _card(pk)) for pk in reserve_ids(LoyaltyAccount, count)]


def _card(n: int) -> str:
    digits = f"{prefix()}{(n * _MULTIPLIER + _OFFSET) % _MODULUS:0{_SERIAL}d}"
    return digits + str(luhn.calc_check_digit(digits))


def is_card(text: str) -> bool:
    """Whether a text is a well-formed card number of ours; a typing error fails the check digit."""
    return len(text) == LENGTH and text.isdecimal() and text.startswith(prefix()) and bool(luhn.is_valid(text))
