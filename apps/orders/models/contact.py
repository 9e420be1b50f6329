"""Whom to tell about an order, and where to bring it: as given with this order, a record with personal data."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.privacy.triggers import RECORD
from apps.orders.models.order import Order


class OrderContact(models.Model):
    order = models.OneToOneField(Order, models.PROTECT, related_name="contact", verbose_name=_("order"))
    name = models.CharField(_("name"), max_length=160, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    street = models.CharField(_("street"), max_length=80, blank=True)
    house_number = models.CharField(_("house number"), max_length=24, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("contact of an order")
        verbose_name_plural = _("contacts of orders")
        triggers = RECORD

    def __str__(self) -> str:
        return self.name


class NewAddress(models.Model):
    """Where the customer wants an order brought instead of where they said at first; the last one counts."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="new_addresses", verbose_name=_("order"))
    street = models.CharField(_("street"), max_length=80, blank=True)
    house_number = models.CharField(_("house number"), max_length=24)
    postcode = models.CharField(_("postcode"), max_length=10)
    city = models.CharField(_("city"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    actor = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("new address of an order")
        verbose_name_plural = _("new addresses of orders")
        ordering = ["order_id", "pk"]
        triggers = RECORD

    def __str__(self) -> str:
        return f"{self.postcode} {self.house_number}"
