"""Ordering in the store what the store has not got: a webshop order that names the store which sold it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.catalogue.services.selling import Offer, sellable_in
from apps.core.actors import actor_of
from apps.core.idempotency.service import fingerprint_of
from apps.core.money import ZERO, line_amount
from apps.core.retry import in_transaction
from apps.customers.services.lookup import purpose_of
from apps.customers.services.people import Person
from apps.network.models import Channel, Location
from apps.orders.models import Method, Order, PaymentTerms
from apps.orders.services.looking_up import open_by_number
from apps.orders.services.placing import place_order
from apps.orders.services.types import DuplicateExternalId, NotSellable, OrderDocument, OrderedLine
from apps.payments.services.types import Tendered


def order_in_store(
    *,
    store: Location,
    channel: Channel,
    variant: Variant,
    quantity: Decimal,
    person: Person,
    collect_at: str = "",
    from_anywhere: bool = False,
    back_orders: bool = False,
    also: Sequence[tuple[Variant, Decimal, str]] = (),
    paid_with: str = "",
    token: str,
    by: Any,
) -> Order:
    """Place an order for a customer who stands in `store`, at the price of `channel`; its goods are reserved at once.

    It is collected in the store with the code `collect_at` (sent there `from_anywhere`, if it has not got it), or else sent to
    the address of `person`. `also` is what else is in the same basket: (product, how many, a Method); what is taken along
    leaves at once, and all that is collected is in one store: where the first product is, else in `store`. With
    `back_orders` what is not there waits for what suppliers announced. `paid_with` is how the customer pays now, "" for
    payment at collection. The same `token` is the same order, however often it is sent. Whoever places it sees it for half
    an hour, as if the customer had shown its number. Raises what `place_order` raises.
    """
    offers = sellable_in(channel, variants=[variant, *(other for other, _quantity, _method in also)])
    lines = [
        OrderedLine(goods.sku, count, _price(offers[goods.pk], goods), method=method)
        for goods, count, method in [(variant, quantity, ""), *also]
    ]
    total = sum((line_amount(unit_price=ln.unit_price, quantity=ln.quantity) for ln in lines), ZERO)
    in_store = any(method != Method.DELIVERY for _goods, _count, method in also)
    document = OrderDocument(
        external_id=f"{store.code}-{token}",
        placed_at=timezone.now(),
        currency=channel.currency,
        method=Method.COLLECT if collect_at else Method.DELIVERY,
        location=collect_at or (store.code if in_store else None),
        from_anywhere=from_anywhere,
        back_orders=back_orders,
        lines=lines,
        person=person,
        payment_terms=PaymentTerms.PREPAID if paid_with else PaymentTerms.ON_COLLECTION,
        payments=[Tendered(paid_with, total)] if paid_with else [],
        referral_store=store.code,
        referral_associate=actor_of(by),
        fingerprint=fingerprint_of(
            [
                variant.sku,
                str(quantity),
                collect_at,
                from_anywhere,
                back_orders,
                paid_with,
                person.external_id,
                person.email,
                *(part for goods, count, method in also for part in (goods.sku, str(count), method)),
            ]
        ),
    )

    def place() -> Order:
        placed = place_order(channel=channel, document=document, actor=actor_of(by))
        order = open_by_number(number=placed.number, purpose=purpose_of(by), principal=by)
        return order or Order.objects.get(pk=placed.order_id)

    try:
        return in_transaction(place)
    except DuplicateExternalId as error:
        raise DuplicateExternalId(
            _(
                "This form was sent before, with other answers, and that order stands. Scan the product again for a new one."
            )
        ) from error


def _price(offer: Offer, variant: Variant) -> Decimal:
    if offer.price is None:
        raise NotSellable(_("%(sku)s is not sold in this channel.") % {"sku": variant.sku})
    return offer.price
