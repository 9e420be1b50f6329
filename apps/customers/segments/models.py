"""Segments, each change of one, and what was counted."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.ids import new_id
from apps.core.reach import reach_of
from apps.customers.segments.conditions import Definition, read

WRITTEN_ONCE = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class SegmentQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """Whoever makes segments sees all of them; others those that are shared with a role of theirs."""
        reach = reach_of(principal)
        if not reach.may("segments.view") or getattr(principal, "is_api_client", False):
            return self.none()
        if reach.may("segments.edit"):
            return self
        return self.filter(Q(owner=principal.pk) | Q(roles__overlap=list(reach.roles)), retired_at=None)

    def in_use(self) -> Self:
        return self.filter(retired_at=None)


class Segment(models.Model):
    """A saved choice of customers by what they do. Its definition is that of its newest version.

    `people` is how many there were when it was last counted, at `counted_at`; both are a projection of `SegmentCount`.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("owner")
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), default=list, blank=True, verbose_name=_("shared with")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    people = models.PositiveIntegerField(_("customers"), null=True)
    counted_at = models.DateTimeField(_("counted"), null=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    retired_at = models.DateTimeField(_("retired"), null=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name"]
        triggers = [
            audited("segment", key="row.key", table="customers_segment", unsaid=("people", "counted_at")),
            audited_when_added("segment", key="row.key", table="customers_segment"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("segments:segment", kwargs={"key": self.key})

    @property
    def definition(self) -> Definition:
        return self.versions.get(number=self.version).as_definition


class SegmentVersion(models.Model):
    """What a segment was, from one change to the next. `definition` as in `conditions`."""

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    definition = models.JSONField()
    actor = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a segment")
        verbose_name_plural = _("versions of a segment")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]
        triggers = WRITTEN_ONCE

    def __str__(self) -> str:
        return f"{self.segment_id}/{self.number}"

    @property
    def as_definition(self) -> Definition:
        return read(self.definition)


class SegmentCount(models.Model):
    """How many customers a version of a segment had at a moment."""

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="counts", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    people = models.PositiveIntegerField(_("customers"))
    counted_at = models.DateTimeField(_("counted"), default=timezone.now)

    class Meta:
        verbose_name = _("count of a segment")
        verbose_name_plural = _("counts of a segment")
        ordering = ["-counted_at"]
        indexes = [models.Index(fields=["segment", "-counted_at"], name="segment_counts")]
        triggers = WRITTEN_ONCE

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.people}"
