"""What was decided about how long data is kept, and what came of it."""

from typing import Self

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_INSERT_ONLY = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class RetentionTermQuerySet(models.QuerySet["RetentionTerm"]):
    def newest(self) -> Self:
        """The one that counts of each rule."""
        return self.order_by("rule", "-pk").distinct("rule")


class RetentionTerm(models.Model):
    """How long one kind of data is kept, as somebody decided; of a rule the newest row counts. `is_on`: the night does it."""

    rule = models.CharField(_("rule"), max_length=40)
    months = models.PositiveSmallIntegerField(_("months"))
    is_on = models.BooleanField(_("in force"))
    reason = models.CharField(_("reason"), max_length=300)
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    objects = RetentionTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention term")
        verbose_name_plural = _("retention terms")
        indexes = [models.Index(fields=["rule", "-id"], name="retention_term_newest")]
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.rule} {self.months}"


class RetentionCall(models.Model):
    """A call of the clock that is at work now."""

    began_at = models.DateTimeField(_("began"))

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


class RetentionRun(models.Model):
    """One time that a rule was tried out, or carried out, on what is from before `before`.

    `rows` lost what they said of somebody, or would have at most; `held` stay because of a hold or an open request, `waiting`
    because something of that person's is not finished; `left` is what the night had no time for. `sample` are the oldest that a
    trial found, as [moment, what it is] each, in the language of who asked; it names nobody.
    """

    rule = models.CharField(_("rule"), max_length=40)
    months = models.PositiveSmallIntegerField(_("months"))
    before = models.DateTimeField(_("from before"))
    is_trial = models.BooleanField(_("tried out"))
    rows = models.PositiveIntegerField(_("rows"))
    held = models.PositiveIntegerField(_("held"), default=0)
    waiting = models.PositiveIntegerField(_("not finished"), default=0)
    left = models.PositiveIntegerField(_("left for the next night"), default=0)
    sample = models.JSONField(_("the oldest"), default=list, db_default=[])
    asked_by = models.CharField(max_length=64)
    ran_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("retention run")
        verbose_name_plural = _("retention runs")
        indexes = [models.Index(fields=["rule", "-id"], name="retention_run_newest")]
        triggers = _INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.rule} {self.before:%Y-%m-%d}"
