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
    # Whom this one was joined into. Its key goes on meaning them; when it is taken apart again it is somebody once more.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="merged")
    # How often records came or left by joining and taking apart: whoever adds one looks whether it is what they read.
    generation = models.IntegerField(default=0, db_default=0, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name or str(_("Unnamed customer"))

    def get_absolute_url(self) -> str:
        return reverse("customers:customer", kwargs={"key": self.key})
