"""Orders with recalled goods: those that still have them coming, and those whose customer has them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import translation

from apps.core.languages import known_locale
from apps.inventory.models import Recall
from apps.messages.services import Letter
from apps.orders.acts import IN_THE_BUILDING
from apps.orders.models import LineStatus, Order, OrderLine
from apps.portal import formats

LETTER = "recall"


def with_goods_of(orders: QuerySet[Any], recall: Recall, *, goods: str = "") -> QuerySet[Any]:
    """Orders with what is recalled: `goods` is "coming", "gone" to the customer and not brought back, or "" for either."""
    lines = OrderLine.objects.filter(order=OuterRef("pk"), variant__in=recall.variants.values("variant"))
    if goods == "coming":
        lines = lines.filter(status__in=IN_THE_BUILDING)
    elif goods == "gone":
        lines = lines.filter(quantity_fulfilled__gt=F("quantity_returned"))
    else:
        lines = lines.exclude(status=LineStatus.CANCELLED)
    return orders.filter(Exists(lines))


def recalls_on(order: Order, *, goods: str) -> dict[Recall, list[OrderLine]]:
    """The recalls in force that an order has goods of, with those lines. Wants `lines__variant__recalls__recall` at hand."""
    found: dict[Recall, list[OrderLine]] = {}
    for line in sorted(order.lines.all(), key=lambda each: each.line):
        is_coming = line.status in IN_THE_BUILDING
        is_gone = line.quantity_fulfilled > line.quantity_returned
        if not (is_coming if goods == "coming" else is_gone if goods == "gone" else is_coming or is_gone):
            continue
        for row in line.variant.recalls.all():
            if row.lifted_at is None:
                found.setdefault(row.recall, []).append(line)
    return found


def safety_notices(order: Order) -> list[Letter]:
    """What the customer of an order is written about recalled goods; none without an address.

    Consent to marketing does not matter here: whoever knows the buyer of an unsafe product has to warn them directly (General
    Product Safety Regulation (EU) 2023/988, articles 35 and 36), and the address is that of the order itself. Each recall is
    written about once per order.
    """
    contact = getattr(order, "contact", None)
    if contact is None or not contact.email:
        return []
    return [
        Letter(
            template=LETTER,
            address=contact.email,
            locale=order.channel.locale,
            context=_context(order, recall, lines),
            source_record_id=order.source_record_id,
            dedupe_key=f"{LETTER}:{recall.number}:{order.number}",
        )
        for recall, lines in recalls_on(order, goods="").items()
    ]


def _context(order: Order, recall: Recall, lines: Sequence[OrderLine]) -> dict[str, Any]:
    with translation.override(known_locale(order.channel.locale)):
        return {
            "name": order.contact.name,
            "number": order.number,
            "shop": order.channel.name,
            "why": recall.why,
            "advice": recall.advice,
            "batch": recall.batch,
            "lines": [
                # What the customer has, or is still to get.
                {"quantity": formats.quantity(line.quantity_fulfilled or line.standing), "name": line.name}
                for line in lines
            ],
        }
