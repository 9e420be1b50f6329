"""Source records: a person as one system knows them."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.privacy.triggers import ENDING, RECORD
from apps.customers.models.customer import Customer
from apps.customers.models.matching import TOLD
from apps.customers.querysets import SourceRecordQuerySet
from apps.network.models import Location


class SourceRecord(models.Model):
    """What orders, contacts, consents and loyalty accounts refer to. `customer` is the only link that may change.

    `source` names the system (`webshop`, `tills`, `loyalty`…), `external_id` its own key for the person.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    source = models.CharField(_("source"), max_length=48)
    external_id = models.CharField(_("external id"), max_length=128)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="source_records", verbose_name=_("customer"))
    home_location = models.ForeignKey(
        Location, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home store")
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = SourceRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("source record")
        verbose_name_plural = _("source records")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="source_record_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class PersonDetails(models.Model):
    """Personal details as a system gave them at a moment; the newest row counts. Insert-only but for redaction."""

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="details", db_index=False)
    first_name = models.CharField(_("first name"), max_length=60, blank=True)
    initials = models.CharField(_("initials"), max_length=20, blank=True, db_default="")
    infix = models.CharField(_("infix"), max_length=20, blank=True, db_default="")
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    street = models.CharField(_("street"), max_length=80, blank=True)
    house_number = models.CharField(_("house number"), max_length=12, blank=True)
    house_number_suffix = models.CharField(_("addition"), max_length=12, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    fingerprint = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("personal details")
        verbose_name_plural = _("personal details")
        # The newest of a record is read everywhere; by this index whatever the planner believes of a table just filled.
        indexes = [models.Index(fields=["source_record", "-id"], name="details_newest_of_record")]
        triggers = [*RECORD, *TOLD]

    def __str__(self) -> str:
        return called(self.first_name, self.initials, self.infix, self.last_name, self.organisation)


def called(first_name: str, initials: str, infix: str, last_name: str, organisation: str) -> str:
    """What somebody is called, in at most 160 characters: Jan van der Berg, or J. van der Berg; else their organisation."""
    parts = (first_name or initials, infix, last_name)
    return " ".join(part for part in parts if part)[:160].rstrip() or organisation


class Identifier(models.Model):
    """A value by which a person is recognised, in normal form. `verified` makes it proof; else it is only evidence.

    It counts from `valid_from` until `valid_until`; that is all that may change of a row.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail address")
        PHONE = "phone", _("phone")
        CARD = "loyalty_card", _("loyalty card")
        ACCOUNT = "account_id", _("webshop account")
        ADDRESS = "address", _("postcode and house number")
        PAYMENT_TOKEN = "payment_token", _("payment card")
        KVK = "kvk", _("KvK number")
        VAT = "vat", _("VAT number")

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="identifiers", db_index=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=254)
    verified = models.BooleanField(_("verified"), default=False)
    recorded_at = models.DateTimeField(default=timezone.now)
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now, db_default=Now())
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        constraints = [
            # One that ended may begin again, in a row of its own.
            models.UniqueConstraint(
                fields=["source_record", "kind", "value", "verified"],
                condition=models.Q(valid_until=None),
                name="identifier_once",
            )
        ]
        indexes = [models.Index(fields=["kind", "value"], name="identifier_lookup")]
        triggers = ENDING

    def __str__(self) -> str:
        return f"{self.kind}"
