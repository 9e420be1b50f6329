"""What people allow their data to be used for."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models.records import SourceRecord


class Consent(models.Model):
    """Permission given or withdrawn for a purpose; the last row per purpose counts."""

    class Purpose(models.TextChoices):
        NEWSLETTER = "newsletter", _("Newsletter")
        PERSONAL_OFFERS = "personal_offers", _("Personal offers")

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose.choices)
    given = models.BooleanField(_("given"))
    text_version = models.CharField(_("text version"), max_length=32)
    proof = models.CharField(_("proof"), max_length=120)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.given}"
