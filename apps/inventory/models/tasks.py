"""Work that a store has to do because of what happened to its stock."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import QuantityField
from apps.inventory.querysets import StoreTaskQuerySet
from apps.network.models import Location


class StoreTask(models.Model):
    """One thing to do in a store: count what is short, look for what was not found, put back what stays, take off what is
    recalled.
    """

    class Kind(models.TextChoices):
        COUNT_SHORT = "count_short", _("Count: sold more than there was")
        COUNT_MISSING = "count_missing", _("Count: not found when picking")
        PUT_BACK = "put_back", _("Put back: not for a customer any more")
        TAKE_OFF = "take_off", _("Take off the shelf: recalled")
        COUNT_TRANSFER = "count_transfer", _("Count: another number came than was sent")

    location = models.ForeignKey(
        Location, models.PROTECT, related_name="tasks", db_index=False, verbose_name=_("location")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="+", verbose_name=_("variant"))
    quantity = QuantityField(_("quantity"), default=0)
    cause_type = models.CharField(max_length=32)
    cause_id = models.CharField(max_length=64)
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True)
    done_by = models.CharField(max_length=64, blank=True)

    objects = StoreTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("store task")
        verbose_name_plural = _("store tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["location", "kind", "variant", "cause_type", "cause_id"], name="store_task_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.variant}"
