"""Stock that lies in the wrong place: a reading, worked out anew by the clock."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import QuantityField
from apps.inventory.models.transfers import Transfer
from apps.inventory.querysets import ImbalanceQuerySet
from apps.network.models import LegalEntity, Location


class Imbalance(models.Model):
    """A store runs out of a variant while another location keeps more than it needs: so many could go there.

    `there` is what the receiver has and what is on its way to it, which lasts `days` at `per_day`; `spare` is what the sender
    has beyond its own cover. The owners are those of the day it was worked out. `transfer` is what was asked for it since.
    """

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("variant"))
    receiver = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("runs out"))
    sender = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("can spare it"))
    receiver_owner = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", verbose_name=_("its owner"))
    sender_owner = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="+", verbose_name=_("owner of the sender")
    )
    quantity = QuantityField(_("quantity"))
    there = QuantityField(_("there"))
    per_day = QuantityField(_("a day"))
    days = models.DecimalField(_("lasts so many days"), max_digits=8, decimal_places=1)
    spare = QuantityField(_("to spare"))
    km = models.DecimalField(_("distance"), max_digits=7, decimal_places=1, null=True)
    worked_out_at = models.DateTimeField(_("worked out"), default=timezone.now)
    transfer = models.ForeignKey(Transfer, models.PROTECT, null=True, related_name="+", verbose_name=_("asked for"))

    objects = ImbalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("imbalance")
        verbose_name_plural = _("imbalances")
        constraints = [
            models.UniqueConstraint(fields=["variant", "receiver"], name="one_imbalance"),
            models.CheckConstraint(name="imbalance_of_two", condition=~Q(sender=F("receiver"))),
        ]
        indexes = [models.Index(fields=["days", "id"], name="imbalance_first")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}: {self.sender} → {self.receiver}"
