"""Who comes for an order, and what they showed when they got it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ledger.models import INSERT_ONLY
from apps.core.privacy.triggers import RECORD
from apps.orders.models.order import Order


class Collector(models.Model):
    """Somebody else whom the customer named to collect an order; the one named last counts. A record with personal data."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="collectors", verbose_name=_("order"))
    name = models.CharField(_("who collects"), max_length=160)
    named_at = models.DateTimeField(_("named"), default=timezone.now)
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("collector")
        verbose_name_plural = _("collectors")
        ordering = ["pk"]
        triggers = RECORD

    def __str__(self) -> str:
        return self.name


class Proof(models.TextChoices):
    """What was shown at the counter. Of a document its kind alone is kept, never its number."""

    CODE = "code", _("Collect code")
    ID_CARD = "id_card", _("Identity card")
    PASSPORT = "passport", _("Passport")
    DRIVING_LICENCE = "driving_licence", _("Driving licence")
    RESIDENCE_PERMIT = "residence_permit", _("Residence permit")


class Handover(models.Model):
    """Goods were handed over at the counter: on what proof, and to whom.

    Without `collector` it was the customer, or with the code whoever brought it.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="handovers", verbose_name=_("order"))
    proof = models.CharField(_("shown"), max_length=16, choices=Proof.choices)
    collector = models.ForeignKey(Collector, models.PROTECT, null=True, related_name="+", verbose_name=_("to"))
    at = models.DateTimeField(_("when"))
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("handing over")
        verbose_name_plural = _("handings over")
        ordering = ["pk"]
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.order_id}: {self.proof}"
