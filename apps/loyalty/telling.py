"""What the loyalty programme tells somebody who asks what we know of them."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.customers.rights.telling import Asked, Row, tells
from apps.loyalty.models import LoyaltyAccount, PointsEntry


@tells(
    "loyalty.points",
    title=_("Your card and points"),
    purpose=_("To give you points for what you buy."),
    kept=_("Until you ask us to erase it; then points are forfeited."),
    columns=(
        ("day", _("Day")),
        ("card", _("Card")),
        ("what", _("What for")),
        ("order", _("Order")),
        ("points", _("Points")),
    ),
    models=(LoyaltyAccount,),
    order=40,
)
def points(asked: Asked) -> Iterable[Row]:
    accounts = LoyaltyAccount.objects.filter(source_record__in=asked.records).order_by("pk")
    for account in accounts:
        yield {"day": account.opened_at, "card": account.card_number, "points": account.balance}
        for row in PointsEntry.objects.filter(account=account).order_by("occurred_at", "pk"):
            yield {
                "day": row.occurred_at,
                "card": account.card_number,
                "what": PointsEntry.Kind(row.kind).label,
                "order": row.order_number,
                "points": row.points,
            }
