"""What a location was asked to send or lay ready, and could not."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ledger.models import INSERT_ONLY
from apps.core.money import QuantityField
from apps.network.models import Location
from apps.orders.models.lines import OrderLine


class Refusal(models.Model):
    """A location could not do a line, and why. It is not asked for this order again."""

    class Reason(models.TextChoices):
        NOT_FOUND = "not_found", _("Not found")
        DAMAGED = "damaged", _("Damaged")
        TOO_BUSY = "too_busy", _("No time for it")
        CLOSED = "closed", _("The store is closed")
        NEEDED = "needed", _("Needed there itself")

    MISSING = frozenset({Reason.NOT_FOUND, Reason.DAMAGED})
    """The goods themselves are in question: nobody else is promised them until the store has counted."""

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refusals", verbose_name=_("order line"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("location"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    quantity = QuantityField(_("quantity"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.line_id} @ {self.location_id}: {self.reason}"


GIVEN = tuple(choice for choice in Refusal.Reason.choices if choice[0] != Refusal.Reason.NEEDED)
"""The reasons that a store gives for a customer's order; that it needs goods itself is one for not sending them on."""
