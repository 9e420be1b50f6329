"""Orders in the register of personal data."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.privacy.register import About, Basis, Erase, Personal, declare
from apps.customers.rights.erasing import blocks_erasure
from apps.customers.rights.foreseeing import Line, stays_after_erasure
from apps.customers.rights.retention.rules import RetentionRule, Words, keeps_customers, retention
from apps.orders.models import (
    Collector,
    DryRun,
    Handover,
    NewAddress,
    Order,
    OrderCharge,
    OrderContact,
    OrderLine,
    OrderStatus,
    Parcel,
    Refusal,
)

# The order itself stays for the tax office; whom it was for is in a record beside it.
_ADDRESS = dict.fromkeys(("street", "house_number", "postcode", "city", "country"), Personal("delivery address"))
_COLLEAGUE = Personal("code of a colleague", Basis.INTEREST, About.STAFF, Erase.KEEP)

declare(
    Order,
    personal={"referral_associate": _COLLEAGUE},
    impersonal={
        "number",
        "external_id",
        "fingerprint",
        "origin",
        "status",
        "speed",
        "if_short",
        "method",
        "collect_code",
        "payment_terms",
        "currency",
        "referral_code",
    },
)
declare(
    OrderContact,
    personal={
        "name": Personal("name"),
        "email": Personal("e-mail address"),
        "phone": Personal("phone number"),
        **_ADDRESS,
    },
    subject="order__source_record",
)
declare(NewAddress, personal=_ADDRESS, impersonal={"actor"}, subject="order__source_record")
declare(OrderLine, personal={"associate": _COLLEAGUE}, impersonal={"sku", "name", "status", "method"})
declare(OrderCharge, impersonal={"type", "description"})
declare(Refusal, impersonal={"reason", "actor"})  # actor is a key
# Named by the customer, for one order; the number of a document is never asked.
declare(
    Collector,
    personal={"name": Personal("name of who collects an order for somebody", export=False)},
    impersonal={"actor"},
    subject="order__source_record",
)
declare(Handover, impersonal={"proof", "actor"})
declare(DryRun, impersonal={"strategies", "tried", "in_force", "as_it_went"})  # figures by location
# The carrier's page behind a tracking number tells where it went; its label has the address on it.
declare(
    Parcel,
    personal={
        "tracking_number": Personal("tracking number of a parcel"),
        "tracking_url": Personal("tracking link of a parcel"),
        "label": Personal("label of a parcel", export=False),
        "failure": Personal("what a carrier said of a parcel", export=False),
    },
    impersonal={"number", "status", "carrier", "service", "label_type", "packed_by"},
    subject="order__source_record",
)

_DONE = (OrderStatus.COLLECTED, OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.RETURNED)
_FINISHED = Q(order__status__in=_DONE)


@blocks_erasure
def open_orders(source_record_ids: Sequence[int]) -> str:
    """Whoever still gets something cannot be forgotten before they have it."""
    going = Order.objects.filter(source_record__in=source_record_ids).exclude(status__in=_DONE).order_by("pk")
    numbers = ", ".join(going.values_list("number", flat=True)[:5])
    return _("These orders are not finished: %(numbers)s.") % {"numbers": numbers} if numbers else ""


@stays_after_erasure
def orders_of(source_record_ids: Sequence[int]) -> Line | None:
    """What was sold and paid stays for the tax office; who bought it does not."""
    number = Order.objects.filter(source_record__in=source_record_ids).count()
    why = _("The tax office asks for seven years of books. Whose they were is not said any more.")
    return Line(_("Orders with their lines and payments"), number, why) if number else None


@keeps_customers
def bought(since: dt.datetime) -> QuerySet[Any]:
    """Whoever ordered or bought since then."""
    return Order.objects.filter(placed_at__gte=since, source_record__isnull=False).order_by().values("source_record")


retention(
    RetentionRule(
        code="order_contacts",
        name=gettext_lazy("Names and addresses on orders"),
        purpose=gettext_lazy("Delivering, guarantee, and the books"),
        since=gettext_lazy("after the order, once it is finished"),
        ends=gettext_lazy("Name, address, e-mail and phone go; what was bought and paid stays."),
        why=gettext_lazy("The tax office asks for seven years of books."),
        months=84,
        least=24,
        parts=(
            Words(
                OrderContact,
                ("name", "email", "phone", *_ADDRESS),
                since="order__placed_at",
                only=_FINISHED,
                number="order__number",
            ),
            Words(
                NewAddress,
                tuple(_ADDRESS),
                since="order__placed_at",
                only=_FINISHED,
                number="order__number",
            ),
        ),
    )
)
retention(
    RetentionRule(
        code="deliveries",
        name=gettext_lazy("Labels, tracking, and who collected"),
        purpose=gettext_lazy("Bringing a parcel, finding one that was lost, handing over to the right person"),
        since=gettext_lazy("after the order, once it is finished"),
        ends=gettext_lazy(
            "Label, tracking link and the collector's name go; that it was handed over, when and where stays."
        ),
        why=gettext_lazy("Carriers take claims for a year at most."),
        months=12,
        least=3,
        parts=(
            Words(
                Parcel,
                ("tracking_number", "tracking_url", "label", "failure"),
                since="order__placed_at",
                only=_FINISHED,
                number="number",
            ),
            Words(
                Collector,
                ("name",),
                since="order__placed_at",
                only=_FINISHED,
                number="order__number",
            ),
        ),
    )
)
