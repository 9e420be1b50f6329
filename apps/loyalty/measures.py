"""What loyalty knows of a person that segments can be made by."""

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.customers.segments.measures import Kind, Measure, register
from apps.loyalty.models import LoyaltyAccount

_GROUP = _("Loyalty")

register(
    Measure(
        name="loyalty.card",
        group=_GROUP,
        label=_("Loyalty card"),
        said=_("has a loyalty card"),
        said_not=_("has no loyalty card"),
        kind=Kind.FLAG,
        rows=lambda asked: LoyaltyAccount.objects.all(),
    ),
    Measure(
        name="loyalty.points",
        group=_GROUP,
        label=_("Points that count"),
        said=_("has %(value)s points"),
        kind=Kind.NUMBER,
        rows=lambda asked: LoyaltyAccount.objects.all(),
        measured=Sum("balance"),
    ),
)
