"""Means of payment in words. Channels name them as they like; these are the usual ones."""

from django.utils.translation import gettext_lazy as _

CASH, CARD = "cash", "pin"

_NAMES = {
    CASH: _("Cash"),
    CARD: _("Card"),
    "card": _("Card"),
    "creditcard": _("Credit card"),
    "credit_card": _("Credit card"),
    "ideal": "iDEAL",
    "bancontact": "Bancontact",
    "paypal": "PayPal",
    "klarna": "Klarna",
    "gift_card": _("Gift card"),
    "invoice": _("Invoice"),
    "points": _("Points"),
    "unknown": _("Not known"),
}
AT_THE_COUNTER = [(CARD, _NAMES[CARD]), (CASH, _NAMES[CASH])]


def method_name(method: str) -> str:
    """A means of payment in words; one nobody named here goes by its code."""
    return str(_NAMES.get(method.lower(), method))
