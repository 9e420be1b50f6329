"""The tills: each ticket once, tied to the order (and return) it became."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.money import AmountField, CurrencyField
from apps.network.models import Location
from apps.orders.models import Order
from apps.returns.models import Return
from apps.tills.querysets import TicketQuerySet


class Ticket(models.Model):
    """A till ticket by its canonical key (store, till, business date, sequence).

    `fingerprint` tells an equal repeat (a duplicate) from a different one (a conflict). `total` is what changed hands and
    `rounding` the till's own figure, kept as facts. `number` is what everybody calls it: of the order it became, else of the
    return, else of the order it handed over.
    """

    location = models.ForeignKey(
        Location, models.PROTECT, related_name="tickets", db_index=False, verbose_name=_("store")
    )
    till = models.CharField(_("till"), max_length=16)
    business_date = models.DateField(_("business date"))
    sequence = models.BigIntegerField(_("sequence"))
    fingerprint = models.CharField(max_length=64)
    number = models.CharField(_("booked as"), max_length=16, blank=True)
    operator = models.CharField(_("operator"), max_length=32, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    currency = CurrencyField(_("currency"))
    total = AmountField(_("total"))
    rounding = AmountField(_("cash rounding"), default=0)
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="ticket", verbose_name=_("order"))
    rma = models.OneToOneField(Return, models.PROTECT, null=True, related_name="ticket", verbose_name=_("return"))
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["location", "till", "business_date", "sequence"], name="ticket_once")
        ]
        indexes = [models.Index(fields=["-occurred_at", "-id"], name="ticket_newest")]

    def __str__(self) -> str:
        return f"{self.location_id}-{self.till}-{self.sequence}"

    def get_absolute_url(self) -> str:
        """The page of what it became."""
        if self.order is not None:
            return self.order.get_absolute_url()
        if self.rma is not None:
            return self.rma.get_absolute_url()
        return reverse("orders:order", kwargs={"number": self.number})
