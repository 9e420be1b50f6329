"""Paper that moves stock without an order: receipts, counts, corrections, moves inside a location."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.querysets import StockDocumentQuerySet
from apps.network.models import Location


class Reason(models.TextChoices):
    """Why somebody corrected stock."""

    FOUND = "found", _("Found")
    LOST = "lost", _("Lost")
    STOLEN = "stolen", _("Stolen")
    BROKEN = "broken", _("Damaged beyond use")
    EXPIRED = "expired", _("Use-by date passed")
    OWN_USE = "own_use", _("Own use")
    GIVEN_AWAY = "given_away", _("Given away")
    DAMAGED = "damaged", _("Damaged")
    DISPLAY = "display", _("On display")
    INSPECT = "inspect", _("To be inspected")
    REFURBISH = "refurbish", _("To be refurbished")
    SEND_BACK = "send_back", _("Goes back to the supplier")
    SOUND = "sound", _("Good to sell again")


class Inside(models.TextChoices):
    """Why goods went from one place in a location to another."""

    PUT_AWAY = "put_away", _("Put away")
    REPLENISHED = "replenished", _("Replenished")
    SET_APART = "set_apart", _("Set apart")
    MOVED = "moved", _("Moved to another place")
    SEEN = "seen", _("Seen there")


class StockDocument(models.Model):
    """The cause of stock movements that are not a sale, a return or a transfer. `reason` is of a correction (`Reason`), or of
    goods that were moved inside the location (`Inside`).
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        COUNT = "count", _("Count")
        ADJUSTMENT = "adjustment", _("Correction")
        PLACING = "placing", _("Moved inside")
        OWNER = "owner", _("Changed hands")

    number = models.CharField(_("number"), max_length=16, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_documents", verbose_name=_("location"))
    reason = models.CharField(_("reason"), max_length=12, choices=[*Reason.choices, *Inside.choices], blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)
    business_date = models.DateField(_("business date"))
    actor = models.CharField(max_length=64)

    objects = StockDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "location", "reference"],
                condition=~models.Q(reference=""),
                name="stock_document_once",
            )
        ]
        indexes = [models.Index(fields=["-occurred_at", "-id"], name="stock_document_newest")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:document", kwargs={"number": self.number})
