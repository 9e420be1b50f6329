"""What conversations are about: one tree, for every channel and system."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from apps.core.audit.triggers import audited
from apps.service.querysets import TopicQuerySet


class Topic(models.Model):
    """A thing that conversations are about. `code` is what systems call it, for ever; `words` are what else they call it.

    `names` is its name by language. From `active_until` on nothing new is about it; what was, stays so. It has no parent, or
    one that has none: two steps are as many as somebody chooses from with a customer on the line.
    """

    code = models.CharField(
        _("code"), max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9_]*\Z")]
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    order = models.PositiveSmallIntegerField(_("place"), default=100)
    names = models.JSONField(_("names"), default=dict)
    words = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("also called"))
    active_from = models.DateField(_("from"), default=timezone.localdate)
    active_until = models.DateField(_("until"), null=True, blank=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                name="topic_until_after_from",
                condition=Q(active_until__isnull=True) | Q(active_until__gte=models.F("active_from")),
            ),
            models.CheckConstraint(name="topic_not_its_own_part", condition=~Q(parent=models.F("pk"))),
        ]
        triggers = [audited("topic", key="row.code", table="service_topic")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("service:change-topic", kwargs={"code": self.code})

    @property
    def name(self) -> str:
        """Its name in the language of the page, else in any that it has one in."""
        names: dict[str, Any] = self.names
        language = (translation.get_language() or "").partition("-")[0]
        return str(names.get(language) or names.get("nl") or next(iter(names.values()), "") or self.code)

    def is_active_on(self, day: Any) -> bool:
        """Whether something new can be about it on that day; until is the first day on which nothing is any more."""
        return bool(self.active_from <= day and (self.active_until is None or day < self.active_until))
