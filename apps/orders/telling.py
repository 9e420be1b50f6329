"""What orders tell somebody who asks what we know of them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.customers.rights.telling import Asked, Row, tells
from apps.orders.models import NewAddress, OrderContact, OrderLine, Parcel
from apps.payments.models import Tender

_DELIVER = _("To sell, deliver and be paid.")
_TAX = _("Seven years, as the tax office asks.")


@tells(
    "orders.lines",
    title=_("What you bought"),
    purpose=_DELIVER,
    kept=_TAX,
    columns=(
        ("day", _("Day")),
        ("order", _("Order")),
        ("through", _("Through")),
        ("article", _("Article")),
        ("quantity", _("Quantity")),
        ("amount", _("Amount")),
        ("currency", _("Currency")),
        ("status", _("Status")),
    ),
    order=30,
)
def lines(asked: Asked) -> Iterable[Row]:
    rows = OrderLine.objects.filter(order__source_record__in=asked.records).select_related("order__channel")
    for row in rows.order_by("order__placed_at", "order_id", "line"):
        yield {
            "day": row.order.business_date,
            "order": row.order.number,
            "through": row.order.channel.name,
            "article": row.name,
            "quantity": f"{row.quantity.normalize():f}",
            "amount": f"{row.amount:.2f}",
            "currency": row.order.currency,
            "status": row.get_status_display(),
        }


@tells(
    "orders.contacts",
    title=_("Where it went"),
    purpose=_DELIVER,
    kept=_("Until you ask us to erase it, or until the term in our privacy statement is over."),
    columns=(
        ("order", _("Order")),
        ("name", _("Name")),
        ("email", _("E-mail address")),
        ("phone", _("Phone")),
        ("address", _("Address")),
        ("parcel", _("Tracking number")),
    ),
    models=(OrderContact, NewAddress, Parcel),
    order=31,
)
def contacts(asked: Asked) -> Iterable[Row]:
    """Whoever collected an order for somebody is named by them, and is not in it: that is somebody else."""
    about = {"order__source_record__in": asked.records}
    for row in OrderContact.objects.filter(**about).select_related("order").order_by("order_id"):
        yield {
            "order": row.order.number,
            "name": row.name,
            "email": row.email,
            "phone": row.phone,
            "address": _address(row),
        }
    for moved in NewAddress.objects.filter(**about).select_related("order").order_by("pk"):
        yield {"order": moved.order.number, "address": _address(moved)}
    for parcel in Parcel.objects.filter(**about).select_related("order").exclude(tracking_number="").order_by("pk"):
        yield {"order": parcel.order.number, "parcel": parcel.tracking_number}


def _address(row: OrderContact | NewAddress) -> str:
    street = f"{row.street} {row.house_number}".strip()
    place = " ".join(part for part in (row.postcode, row.city, row.country) if part)
    return ", ".join(part for part in (street, place) if part)


@tells(
    "orders.payments",
    title=_("What you paid"),
    purpose=_DELIVER,
    kept=_TAX,
    columns=(
        ("order", _("Order")),
        ("method", _("Method")),
        ("paid", _("Paid")),
        ("given_back", _("Given back")),
        ("currency", _("Currency")),
    ),
    order=32,
)
def payments(asked: Asked) -> Iterable[Row]:
    rows = Tender.objects.filter(account__order__source_record__in=asked.records).select_related("account__order")
    for row in rows.order_by("pk"):
        yield {
            "order": row.account.order.number,
            "method": row.method,
            "paid": f"{row.captured:.2f}",
            "given_back": f"{row.refunded:.2f}",
            "currency": row.currency,
        }
