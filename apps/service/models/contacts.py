"""Every conversation with a customer, in any channel."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.privacy.triggers import RECORD
from apps.customers.models import SourceRecord
from apps.network.models import Location
from apps.service.models.topics import Topic
from apps.service.querysets import ContactMomentQuerySet


class ContactMoment(models.Model):
    """One conversation. `text` and the person are personal data; who handled it is an actor key.

    `topic_word` is what another system called the topic, as it came; by hand there is none.
    `handling_seconds` is how long it took: what another system said, or what the events of `conversation` come to.
    """

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat")
        SOCIAL = "social", _("Social media")
        STORE = "store", _("In the store")
        LETTER = "letter", _("Letter")

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("From the customer")
        OUTBOUND = "outbound", _("To the customer")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    source = models.CharField(max_length=48)
    external_id = models.CharField(max_length=128)
    source_record = models.ForeignKey(
        SourceRecord,
        models.PROTECT,
        null=True,
        related_name="contact_moments",
        db_index=False,
        verbose_name=_("customer"),
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction.choices, default=Direction.INBOUND)
    topic = models.ForeignKey(
        Topic,
        models.PROTECT,
        to_field="code",
        db_column="topic",
        related_name="contact_moments",
        db_index=False,
        verbose_name=_("topic"),
    )
    topic_word = models.CharField(_("topic as another system called it"), max_length=40, blank=True)
    text = models.TextField(_("what was said"), blank=True)
    order_number = models.CharField(_("order"), max_length=16, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, verbose_name=_("store"))
    conversation = models.UUIDField(null=True, unique=True, editable=False)
    handling_seconds = models.PositiveIntegerField(_("handling time (s)"), null=True, blank=True)
    actor = models.CharField(max_length=64)
    handled_by = models.CharField(_("handled by"), max_length=120, blank=True)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)
    business_date = models.DateField(_("business date"))
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = ContactMomentQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact moment")
        verbose_name_plural = _("contact moments")
        ordering = ["-occurred_at"]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="contact_moment_once")]
        indexes = [
            models.Index(fields=["source_record", "-occurred_at"], name="contact_of_person"),
            models.Index(fields=["-occurred_at", "-id"], name="contact_newest"),
            models.Index(fields=["topic", "-occurred_at"], name="contact_about"),
        ]
        triggers = RECORD

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.occurred_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("service:contact", kwargs={"key": self.key})
