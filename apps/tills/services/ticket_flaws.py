"""Why a ticket that can be read still cannot be booked."""

from django.utils.translation import gettext_noop as _

from apps.core.inbox.documents import Flaw

_IN_THE_TILL = _("Correct it in the till system and send the ticket again.")

UNKNOWN_STORE = Flaw(
    "unknown_store",
    _("There is no store “%(value)s” with tills of its own."),
    _("Add the store or correct its code in the till system, then try the ticket again."),
)
NO_OWNER = Flaw(
    "no_owner",
    _("Nobody owned store %(value)s on %(day)s."),
    _("Enter who owned the store that day, then try the ticket again."),
)
OTHER_CURRENCY = Flaw("other_currency", _("The ticket is in %(value)s, this counts in %(ours)s."), _IN_THE_TILL)
UNKNOWN_SKU = Flaw(
    "unknown_sku",
    _("There is no article with SKU “%(value)s”."),
    _("Add the article to the catalogue, then try the ticket again."),
)
UNKNOWN_GTIN = Flaw(
    "unknown_gtin",
    _("No article has bar code “%(value)s”."),
    _("Add the bar code to its article, then try the ticket again."),
)
INVALID_GTIN = Flaw("invalid_gtin", _("“%(value)s” is no bar code: %(detail)s"), _IN_THE_TILL)
FRACTION = Flaw("fraction", _("%(sku)s is sold by the piece; %(value)s is no number of pieces."), _IN_THE_TILL)
NEGATIVE_AMOUNT = Flaw("negative_amount", _("A line that sells cannot come to %(value)s."), _IN_THE_TILL)
DOES_NOT_ADD_UP = Flaw(
    "does_not_add_up",
    _("The lines come to %(total)s and the rounding is %(rounding)s, but %(value)s was paid."),
    _("Look for a missing tender or line in the till system and send the ticket again."),
)
UNKNOWN_ORDER = Flaw("unknown_order", _("There is no order %(value)s."), _IN_THE_TILL)
NOT_ON_ORDER = Flaw("not_on_order", _("Order %(order)s has no such line (%(value)s)."), _IN_THE_TILL)
OTHER_STORE = Flaw(
    "other_store",
    _("Order %(value)s is not collected in this store."),
    _("Hand it over in the store where it lies, or find out which order was meant."),
)
NOT_DUE = Flaw(
    "not_due",
    _("%(due)s is still to be paid on order %(order)s, but the ticket collects %(value)s."),
    _("Find out what the customer paid; correct the ticket in the till system and send it again."),
)
CONFLICT = Flaw(
    "conflict",
    _("Ticket %(value)s was sent before with other content; what was booked stays as it is."),
    _("Compare the two versions; when this one is right, book the difference by a new ticket."),
)


def refused(code: str) -> Flaw:
    """What the domain itself refused, in its own words."""
    return Flaw(code, "%(detail)s", _("Mend what it names, then try the ticket again."))
