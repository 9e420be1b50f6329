"""Requests of people about their own data, and what keeps us from using or erasing it."""

import datetime as dt

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import SourceRecord
from apps.customers.rights.querysets import PrivacyRequestQuerySet, ProtectionQuerySet


class PrivacyRequest(models.Model):
    """Somebody asks something about their own data (GDPR, articles 15 to 21). Of what was done each step is a row.

    It names a source record, so it goes along when customers are joined or taken apart. `due_on` is one month after it came,
    three where that was extended and the person was told why (article 12, paragraph 3). `identity` says how we made sure that
    it is them; no document is ever kept.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("Access")
        RECTIFICATION = "rectification", _("Rectification")
        ERASURE = "erasure", _("Erasure")
        RESTRICTION = "restriction", _("Restriction")
        PORTABILITY = "portability", _("Data to take along")
        OBJECTION = "objection", _("Objection")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Came(models.TextChoices):
        MAIL = "mail", _("By e-mail")
        PHONE = "phone", _("By phone")
        LETTER = "letter", _("By letter")
        STORE = "store", _("In a store")
        ONLINE = "online", _("Online")

    class Identity(models.TextChoices):
        UNCHECKED = "", _("Not checked yet")
        ACCOUNT = "account", _("Signed in to their account")
        ANSWERED = "answered", _("Answered from the address we know")
        CALLED_BACK = "called_back", _("Called back on the number we know")
        DOCUMENT = "document", _("Showed a document, of which nothing was kept")
        DETAILS = "details", _("Told what only they can know")

    number = models.CharField(_("number"), max_length=16, unique=True)
    source_record = models.ForeignKey(
        SourceRecord, models.PROTECT, related_name="privacy_requests", verbose_name=_("customer")
    )
    kind = models.CharField(_("what is asked"), max_length=16, choices=Kind.choices)
    came = models.CharField(_("how it came"), max_length=8, choices=Came.choices)
    asked = models.TextField(_("in their words"), blank=True)
    received_on = models.DateField(_("received"))
    due_on = models.DateField(_("due"))
    extended_at = models.DateTimeField(_("extended"), null=True)
    identity = models.CharField(_("identity"), max_length=12, choices=Identity.choices, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    closed_at = models.DateTimeField(_("closed"), null=True)
    registered_by = models.CharField(max_length=64)
    registered_at = models.DateTimeField(default=timezone.now)

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        indexes = [
            models.Index(fields=["due_on"], name="privacy_request_open", condition=Q(status="open")),
            models.Index(fields=["-received_on", "-id"], name="privacy_request_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_record", "kind"], condition=Q(status="open"), name="privacy_request_once"
            )
        ]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("privacy:request", kwargs={"number": self.number})

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    def days_left(self, today: dt.date | None = None) -> int:
        """How many days there are until it is due; negative once it is overdue."""
        return (self.due_on - (today or timezone.localdate())).days


class PrivacyStep(models.Model):
    """One thing that was done about a request. `words` are what the person was told or what it rests on."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        IDENTIFIED = "identified", _("Identity checked")
        EXTENDED = "extended", _("Extended by two months")
        EXPORTED = "exported", _("File made")
        CORRECTED = "corrected", _("Corrected")
        RESTRICTED = "restricted", _("Use restricted")
        STOPPED = "stopped", _("Purposes stopped")
        RELEASED = "released", _("Restriction ended")
        ERASED = "erased", _("Erased")
        NOTE = "note", _("Note")
        DONE = "done", _("Done, and the person was told")
        REFUSED = "refused", _("Refused, and the person was told why")
        WITHDRAWN = "withdrawn", _("Withdrawn by the person")

    request = models.ForeignKey(PrivacyRequest, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    words = models.TextField(blank=True)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["id"]
        triggers = RECORD

    def __str__(self) -> str:
        return self.kind


class Protection(models.Model):
    """What stands in the way of using what we know of somebody (`restricted`, article 18) or of erasing it (`held`).

    It holds from `since` until `ends_on` or until somebody ends it. A hold is for a claim or because the law asks for it.
    """

    class Kind(models.TextChoices):
        RESTRICTED = "restricted", _("Use restricted")
        HELD = "held", _("Kept, must not be erased")

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="protections")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    set_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)

    objects = ProtectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("protection")
        verbose_name_plural = _("protections")
        constraints = [
            models.UniqueConstraint(fields=["source_record", "kind"], condition=Q(ended_at=None), name="protected_once")
        ]
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.kind
