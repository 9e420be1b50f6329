"""The joined picture."""

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
