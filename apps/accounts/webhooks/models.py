"""Endpoints of API clients, and the deliveries to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.webhooks.querysets import WebhookDeliveryQuerySet, WebhookEndpointQuerySet
from apps.core.audit.triggers import audited
from apps.core.ids import new_id


class WebhookEndpoint(models.Model):
    """An address of an API client that is told of some topics.

    Its secret is derived (`secrets.py`), so nothing here could be used to forge a message. `since_position` is how far the
    event log had come when it was registered or switched on again: what was before is not told. While it cannot be
    reached (`paused_until`) one delivery at a time is tried; the first that arrives ends `failing_since`.
    """

    class Off(models.TextChoices):
        BY_HAND = "by_hand", _("Switched off")
        GONE = "gone", _("The receiver says it is gone")
        FAILING = "failing", _("Nothing arrived for days")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    client = models.ForeignKey(
        "accounts.ApiClient",
        models.CASCADE,
        related_name="webhook_endpoints",
        db_index=False,
        verbose_name=_("API client"),
    )
    url = models.CharField(_("address"), max_length=500)
    topics = ArrayField(models.CharField(max_length=48), verbose_name=_("topics"))
    off_because = models.CharField(_("switched off because"), max_length=8, choices=Off.choices, blank=True)
    off_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    since_position = models.BigIntegerField(default=0)
    generation = models.PositiveSmallIntegerField(default=1)
    rotated_at = models.DateTimeField(_("secret changed"), null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    created_at = models.DateTimeField(_("registered"), default=timezone.now)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        triggers = [
            audited(
                "webhookendpoint",
                key="row.key",
                table="accounts_webhookendpoint",
                unsaid=("failures", "failing_since", "paused_until", "delivered_at", "since_position"),
            )
        ]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["client", "url"], name="one_endpoint_per_address")]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        return reverse("webhooks:endpoint", kwargs={"key": self.key})

    @property
    def is_on(self) -> bool:
        return not self.off_because


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class WebhookDelivery(models.Model):
    """One message to one endpoint, before it is sent and after. `key` is its `webhook-id`, the same at every attempt.

    `body` is the very text that is signed: what something is now, without personal data. `due_at` is when it is tried next,
    or, while it is being sent, when the sender is taken for dead. `answer` is the beginning of what the receiver answered.
    """

    class Problem(models.TextChoices):
        NOT_PUBLIC = "not_public", _("The address is not a public one")
        UNKNOWN_HOST = "no_host", _("The name of the host is not known")
        UNREACHABLE = "no_answer", _("No connection, or no answer in time")
        UNTRUSTED = "untrusted", _("The certificate is not trusted")
        REFUSED = "refused", _("The receiver did not accept it")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook endpoint")
    )
    topic = models.CharField(_("topic"), max_length=48)
    object_key = models.CharField(_("about"), max_length=64)
    body = models.TextField(_("body"))
    status = models.CharField(_("status"), max_length=9, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=10, choices=Problem.choices, blank=True)
    answer_status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    answer = models.CharField(_("text of the answer"), max_length=500, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="delivery_newest"),
            models.Index(fields=["endpoint", "-made_at", "-id"], name="delivery_of_endpoint"),
            models.Index(
                fields=["endpoint", "due_at"], name="delivery_due", condition=Q(status__in=["waiting", "sending"])
            ),
            models.Index(fields=["endpoint", "topic", "object_key", "id"], name="delivery_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.object_key}"

    def get_absolute_url(self) -> str:
        return reverse("webhooks:delivery", kwargs={"key": self.key})
