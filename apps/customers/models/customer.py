"""The joined picture, and the events that joined it."""

import pgtrigger
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.customers.querysets import CustomerQuerySet


class Customer(models.Model):
    """A person or organisation as joined from source records.

    The fields are a projection of the details of those records, for lists and search; nothing but the records' own link
    refers to a customer, so taking records apart again loses nothing.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    street = models.CharField(_("street"), max_length=80, blank=True)
    house_number = models.CharField(_("house number"), max_length=20, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    is_organisation = models.BooleanField(_("organisation"), default=False)
    since = models.DateTimeField(_("since"), default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name or str(_("Unnamed customer"))

    def get_absolute_url(self) -> str:
        return reverse("customers:customer", kwargs={"key": self.key})


class MatchEvent(models.Model):
    """Why a source record belongs to a customer. Insert-only: taking apart is another event."""

    class Kind(models.TextChoices):
        NEW = "new", _("New customer")
        RECOGNISED = "recognised", _("Recognised")

    source_record = models.ForeignKey("customers.SourceRecord", models.PROTECT, related_name="match_events")
    customer_key = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    evidence = models.CharField(max_length=32, blank=True)
    rule_version = models.CharField(max_length=16)
    actor = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.source_record_id} {self.kind}"
