"""The outbox: every mail to a customer is a row before it is sent."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.customers.models import Purpose, SourceRecord
from apps.messages.querysets import MessageQuerySet


class Message(models.Model):
    """A mail to one address. `dedupe_key` makes a replayed event send nothing twice.

    A mail with a `purpose` is marketing: it goes only while the customer allows that purpose. Without one it is service.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        WITHHELD = "withheld", _("Not allowed any more")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    template = models.CharField(_("template"), max_length=40)
    dedupe_key = models.CharField(max_length=120, unique=True)
    source_record = models.ForeignKey(
        SourceRecord, models.PROTECT, null=True, related_name="messages", db_index=False, verbose_name=_("customer")
    )
    address = models.EmailField(_("address"))
    locale = models.CharField(_("language"), max_length=8)
    purpose = models.CharField(
        _("allowed for"), max_length=24, choices=Purpose.choices, blank=True, default="", db_default=""
    )
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=240, blank=True)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-queued_at"]
        indexes = [
            models.Index(fields=["-queued_at", "-id"], name="message_newest"),
            models.Index(fields=["source_record", "-queued_at"], name="message_of_person"),
            models.Index(fields=["due_at"], name="message_due", condition=models.Q(status__in=["queued", "sending"])),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("messaging:message", kwargs={"key": self.key})
