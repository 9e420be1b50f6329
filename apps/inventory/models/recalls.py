"""Goods that may not be sold: recalled by the chain, everywhere at once."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import QuantityField
from apps.inventory.querysets import RecallQuerySet
from apps.network.models import Location


class Recall(models.Model):
    """Variants that are taken out of sale until it is lifted. `why` and `advice` are told to customers.

    Stock is not kept by batch. Of a recalled `batch` all of the variant is held back, until each location has said which
    pieces are of it (`RecallSorting`).
    """

    number = models.CharField(_("recall"), max_length=16, unique=True)
    why = models.CharField(_("what is wrong"), max_length=300)
    advice = models.CharField(_("what customers should do"), max_length=500)
    batch = models.CharField(_("batch"), max_length=80, blank=True)
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    started_by = models.CharField(max_length=64)
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:recall", kwargs={"number": self.number})


class RecalledVariant(models.Model):
    """A variant under a recall; `lifted_at` repeats the recall's, so that a variant has one recall at a time."""

    recall = models.ForeignKey(
        Recall, models.PROTECT, related_name="variants", db_index=False, verbose_name=_("recall")
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="recalls", db_index=False, verbose_name=_("variant")
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("recalled variant")
        verbose_name_plural = _("recalled variants")
        constraints = [
            models.UniqueConstraint(fields=["recall", "variant"], name="recalled_variant_once"),
            models.UniqueConstraint(fields=["variant"], condition=Q(lifted_at=None), name="one_recall_at_a_time"),
        ]
        indexes = [models.Index(fields=["variant"], name="recalls_of_variant")]

    def __str__(self) -> str:
        return f"{self.variant}: {self.recall}"


class RecallSorting(models.Model):
    """A location went through what it had of a recalled batch: so many are of it, and so many others are for sale again.

    What comes in later is held back as before: nobody has looked at it.
    """

    recalled = models.ForeignKey(
        RecalledVariant, models.PROTECT, related_name="sortings", db_index=False, verbose_name=_("recalled variant")
    )
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("location"))
    of_batch = QuantityField(_("of the batch"))
    others = QuantityField(_("for sale again"))
    sorted_at = models.DateTimeField(_("sorted"), default=timezone.now)
    sorted_by = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("sorted batch")
        verbose_name_plural = _("sorted batches")
        constraints = [models.UniqueConstraint(fields=["recalled", "location"], name="sorted_once_a_location")]

    def __str__(self) -> str:
        return f"{self.recalled}: {self.location}"
