"""What is drafted, then published for good: rules that people are judged by must be readable for ever as they were."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

PUBLISHED_FOR_EVER = [
    pgtrigger.Protect(
        name="published_for_ever",
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(old__published_at__isnull=False),
    )
]
"""For the Meta of a `Publishable`: the database lets nobody change or remove what was published."""


class Publishable(models.Model):
    """A draft until `published_at`; from then on it stands still. `published_by` is an actor's key."""

    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.CharField(_("published by"), max_length=64, blank=True)

    class Meta:
        abstract = True
        triggers = PUBLISHED_FOR_EVER

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
