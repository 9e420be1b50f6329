"""Counts: what is to be counted, what people counted, and what came of it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.ids import new_id
from apps.core.ledger.models import INSERT_ONLY
from apps.core.money import AmountField, CurrencyField, QuantityField
from apps.inventory.models.documents import StockDocument
from apps.inventory.querysets import CountQuerySet
from apps.network.models import Location


class Count(models.Model):
    """People go past goods and count them; what differs is booked when it is small, or when somebody approved it.

    `round` goes up by one each time somebody asks to count again. A `blind` count does not tell whoever counts how many
    there should be. `created_by`, `submitted_by` and `approved_by` are actors' keys; a count that closed because it differed
    little was approved by nobody.
    """

    class Basis(models.TextChoices):
        SUGGESTED = "suggested", _("What deserves it most")
        TASKS = "tasks", _("Open tasks")
        FASTEST = "fastest", _("Best sellers not counted lately")
        SHELVES = "shelves", _("Shelves")
        GIVEN = "given", _("Chosen products")

    class Status(models.TextChoices):
        DRAFT = "draft", _("To count")
        COUNTING = "counting", _("Being counted")
        SUBMITTED = "submitted", _("To approve")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    number = models.CharField(_("number"), max_length=16, unique=True)
    location = models.ForeignKey(Location, models.PROTECT, related_name="counts", verbose_name=_("location"))
    basis = models.CharField(_("what is counted"), max_length=10, choices=Basis.choices)
    shelf = models.CharField(_("shelves that begin with"), max_length=16, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    blind = models.BooleanField(_("blind"), default=True)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    token = models.UUIDField(default=new_id, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    created_by = models.CharField(max_length=64)
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    submitted_by = models.CharField(max_length=64, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    approved_by = models.CharField(max_length=64, blank=True)
    document = models.OneToOneField(
        StockDocument, models.PROTECT, null=True, related_name="count", verbose_name=_("stock document")
    )

    objects = CountQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock count")
        verbose_name_plural = _("stock counts")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="count_newest"),
            models.Index(
                fields=["location", "status"],
                name="count_under_way",
                condition=Q(status__in=["draft", "counting", "submitted"]),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:count", kwargs={"number": self.number})


class CountItem(models.Model):
    """A variant that is to be counted in a round. Others may be counted too, in the first round."""

    count = models.ForeignKey(Count, models.PROTECT, related_name="items", db_index=False, verbose_name=_("count"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("variant"))

    class Meta:
        verbose_name = _("product to count")
        verbose_name_plural = _("products to count")
        constraints = [models.UniqueConstraint(fields=["count", "round", "variant"], name="one_count_item")]
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.count_id}/{self.round}: {self.variant_id}"


class CountedLine(models.Model):
    """Somebody saw so many of a variant on a shelf ("" when it does not matter which), at a moment.

    `book` is what should have lain in the whole location at that moment, as far as was known then. The last row of a variant,
    shelf and round stands; the others stay for who wants to see how it came about. `token` is that of the form or scan:
    the same one again adds nothing.
    """

    count = models.ForeignKey(Count, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("count"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("variant"))
    shelf = models.CharField(_("shelf"), max_length=16, blank=True)
    quantity = QuantityField(_("counted"))
    book = QuantityField(_("in the books"))
    counted_at = models.DateTimeField(_("when"))
    counted_by = models.CharField(max_length=64)
    token = models.UUIDField(default=new_id, editable=False)

    class Meta:
        verbose_name = _("counted line")
        verbose_name_plural = _("counted lines")
        constraints = [
            models.UniqueConstraint(fields=["count", "token"], name="counted_once"),
            models.CheckConstraint(name="counted_not_below_nothing", condition=Q(quantity__gte=0)),
        ]
        indexes = [models.Index(fields=["count", "round", "variant", "shelf", "-id"], name="counted_last")]
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id} @ {self.shelf}"


class CountResult(models.Model):
    """What a closed count says of a variant: so many were there, so many should have been, and what the difference is worth.

    `value` is at the price of the location's channel; None without one. `is_assumed`: nobody counted it, and somebody who
    may said that there are none.
    """

    count = models.ForeignKey(Count, models.PROTECT, related_name="results", db_index=False, verbose_name=_("count"))
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    quantity = QuantityField(_("counted"))
    expected = QuantityField(_("in the books"))
    difference = QuantityField(_("difference"))
    value = AmountField(_("value"), null=True)
    currency = CurrencyField(_("currency"), blank=True)
    counted_at = models.DateTimeField(_("when"))
    is_assumed = models.BooleanField(_("not counted, set to nothing"), default=False)

    class Meta:
        verbose_name = _("result of a count")
        verbose_name_plural = _("results of counts")
        constraints = [models.UniqueConstraint(fields=["count", "variant"], name="one_count_result")]
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.difference}"
