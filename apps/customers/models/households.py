"""Households: who lives at one address, from when on. They never make two people one."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.customers.models.records import SourceRecord


class Household(models.Model):
    """An address with postcode, number and addition. Its key is a keyed digest of the three, which stand nowhere else."""

    key = models.UUIDField(primary_key=True, editable=False)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return str(self.key)


class Residence(models.Model):
    """From when on a source record has an address; the newest row of a record counts, and without household it has none."""

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="residences", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="residences")
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("residence")
        verbose_name_plural = _("residences")
        indexes = [models.Index(fields=["source_record", "-id"], name="residence_of_record")]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.household_id}"
