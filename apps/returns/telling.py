"""What returns tell somebody who asks what we know of them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.customers.rights.telling import Asked, Row, tells
from apps.returns.models import ReturnLine


@tells(
    "returns.lines",
    title=_("What you brought back"),
    purpose=_("To take goods back and give money back."),
    kept=_("Seven years, as the tax office asks."),
    columns=(
        ("day", _("Day")),
        ("number", _("Return")),
        ("article", _("Article")),
        ("quantity", _("Quantity")),
        ("reason", _("Reason")),
        ("status", _("Status")),
    ),
    models=(ReturnLine,),
    order=35,
)
def lines(asked: Asked) -> Iterable[Row]:
    rows = ReturnLine.objects.filter(rma__source_record__in=asked.records).select_related("rma")
    for row in rows.order_by("rma_id", "pk"):
        yield {
            "day": row.rma.business_date,
            "number": row.rma.number,
            "article": row.name,
            "quantity": f"{row.quantity.normalize():f}" if row.quantity is not None else "",
            "reason": asked.withhold(row.reason),
            "status": row.rma.get_status_display(),
        }
