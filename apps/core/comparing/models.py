"""What comparing the books came to, kept for a while."""

from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.reach import reach_of


class ComparisonQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        """The books are the chain's: whoever may reconcile sees all of it."""
        return self if reach_of(principal).may("inventory.reconcile") else self.none()


class Comparison(models.Model):
    """One time that every running figure was compared with its ledger. `asked_by` is an actor; `system` by the clock.

    `differences` and `behind` count over all checks: figures that are wrong, and checks whose reader was not up to date.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    asked_by = models.CharField(_("by"), max_length=64)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    differences = models.IntegerField(_("differences"), default=0)
    behind = models.IntegerField(_("behind"), default=0)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison of the books")
        verbose_name_plural = _("comparisons of the books")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["-started_at", "-id"], name="comparison_newest")]

    def __str__(self) -> str:
        return str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("reconciling:run", kwargs={"key": self.key})


class Compared(models.Model):
    """What one check came to. `found` are its differences: what, stored, ledger, key."""

    comparison = models.ForeignKey(Comparison, models.CASCADE, related_name="checks", db_index=False)
    check_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)
    behind = models.BigIntegerField(default=0)
    differences = models.IntegerField(default=0)
    found = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["comparison", "check_name"], name="one_outcome_a_check")]

    def __str__(self) -> str:
        return self.check_name
