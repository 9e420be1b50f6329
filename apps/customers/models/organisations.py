"""Organisations beside persons, and who speaks for them."""

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import SourceRecord


class Organisation(models.Model):
    """A company as the register knows it. Its key follows from its KvK number, or else from its VAT number."""

    key = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    kvk = models.CharField(_("KvK number"), max_length=8, blank=True)
    vat = models.CharField(_("VAT number"), max_length=16, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        triggers = RECORD

    def __str__(self) -> str:
        return self.name or self.kvk or self.vat


class ContactPerson(models.Model):
    """From when on a source record speaks for an organisation; the newest row of a record counts."""

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="speaks_for", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="contact_persons")
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")
        indexes = [models.Index(fields=["source_record", "-id"], name="contact_person_of_record")]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.organisation_id}"
