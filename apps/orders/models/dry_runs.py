"""A sourcing profile tried out on orders of the past."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.inventory.models import SourcingProfile
from apps.orders.querysets import DryRunQuerySet


class DryRun(models.Model):
    """What would have come of the orders of a period under a profile, beside what came of them and what the profile then in
    force makes of them.

    `tried`, `in_force` and `as_it_went` are `Outcome`s (services/dry_runs/outcome.py) as JSON. Of `placed` orders to be sent in
    the period, `orders` were gone through, evenly picked. `strategies` is what the profile said at that moment.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    profile = models.ForeignKey(
        SourcingProfile, models.PROTECT, related_name="dry_runs", verbose_name=_("sourcing profile")
    )
    against = models.ForeignKey(
        SourcingProfile, models.PROTECT, null=True, related_name="+", verbose_name=_("profile in force")
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("until"))
    placed = models.PositiveIntegerField(_("orders placed"))
    orders = models.PositiveIntegerField(_("orders gone through"))
    strategies = models.JSONField()
    tried = models.JSONField()
    in_force = models.JSONField()
    as_it_went = models.JSONField()
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = DryRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.profile} {self.since} – {self.until}"

    def get_absolute_url(self) -> str:
        return reverse("orders:dry-run", kwargs={"key": self.key})
