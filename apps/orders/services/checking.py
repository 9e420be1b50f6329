"""What an order says, held against what the channel sells and the stores offer, before anything is written."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

from django.utils.translation import gettext as _

from apps.catalogue.services.listing import Listing
from apps.core.errors import Fault, InvalidInput
from apps.core.money import ZERO, line_amount, plain, price_text, spoken
from apps.network.directory import Entry, locations
from apps.network.models import Channel
from apps.orders.models import Method
from apps.orders.services.taking_along import check_ways
from apps.orders.services.types import NotSellable, OrderDocument, OrderedLine, PriceChanged

_LARGEST_QUANTITY = Decimal(100_000)


def check_lines(channel: Channel, lines: Sequence[OrderedLine], found: dict[str, Listing]) -> None:
    """Raise InvalidInput, NotSellable or PriceChanged with a fault for each line of an order that cannot be sold so."""
    missing = [
        Fault("does_not_exist", _("There is no product with SKU %(sku)s.") % {"sku": ln.sku}, f"lines.{n}.sku")
        for n, ln in enumerate(lines)
        if ln.sku not in found
    ]
    if missing:
        raise InvalidInput(missing[0].detail, code="does_not_exist", faults=missing)
    for n, ln in enumerate(lines):
        listing = found[ln.sku]
        if not 0 < ln.quantity <= _LARGEST_QUANTITY:
            refuse(f"lines.{n}.quantity", "invalid", _("A quantity lies between 0 and 100,000."))
        if not listing.allows_fractions and ln.quantity != ln.quantity.to_integral_value():
            refuse(f"lines.{n}.quantity", "invalid", _("This is sold by the piece: send a whole number."))
        if not ZERO <= ln.discount <= line_amount(unit_price=ln.unit_price, quantity=ln.quantity):
            refuse(f"lines.{n}.discount", "invalid", _("A discount is not more than the line itself."))
    refused = [
        Fault("not_sellable", _("%(sku)s is not sold in this channel.") % {"sku": ln.sku}, f"lines.{n}.sku")
        for n, ln in enumerate(lines)
        if not found[ln.sku].on_sale or found[ln.sku].price is None
    ]
    if refused:
        raise NotSellable(refused[0].detail, faults=refused)
    changed = [
        Fault(
            "price_changed",
            _("%(sku)s costs %(price)s now.") % {"sku": ln.sku, "price": spoken(price_text(price))},
            f"lines.{n}.unit_price",
            {"price": plain(price)},
        )
        for n, ln in enumerate(lines)
        if (price := found[ln.sku].price) is not None and abs(price - ln.unit_price) > channel.price_tolerance
    ]
    if changed:
        raise PriceChanged(changed[0].detail, faults=changed)


def refuse(attr: str, code: str, detail: str) -> NoReturn:
    """Raise InvalidInput about one field."""
    raise InvalidInput(detail, code=code, faults=[Fault(code, detail, attr)])


def stores_named(document: OrderDocument) -> dict[str, Entry]:
    """The stores that the document names, by code; they must exist, and the collect store must offer collecting."""
    check_ways(document)
    if document.collector and Method.COLLECT not in document.methods:
        refuse(
            "fulfilment.collector", "invalid", _("Only an order that is collected can be collected by somebody else.")
        )
    places = {}
    for code, attr in ((document.location, "fulfilment.location"), (document.referral_store, "referral.store")):
        if code:
            place = locations(code=code).by_code.get(code)
            if place is None:
                refuse(attr, "does_not_exist", _("There is no store %(code)s.") % {"code": code})
            places[code] = place
    store = places.get(document.location or "")
    if Method.CARRY_OUT in document.methods and store is None:
        refuse("fulfilment.location", "required", _("Say in which store it is taken along."))
    if Method.COLLECT in document.methods:
        if store is None:
            refuse("fulfilment.location", "required", _("Say in which store the order is collected."))
        elif not store.offers_collect or not store.is_active:
            refuse("fulfilment.location", "invalid", _("%(store)s does not offer collecting.") % {"store": store.name})
    return places
