"""What people allow their data to be used for."""

import hashlib
from collections.abc import Collection
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.languages import known_locale
from apps.core.privacy.triggers import RECORD
from apps.customers.models.records import SourceRecord

INSERT_ONLY = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Purpose(models.TextChoices):
    """What personal data may be used for beyond what a purchase takes. Few, so that somebody can oversee them."""

    NEWSLETTER = "newsletter", _("Newsletter")
    PERSONAL_OFFERS = "personal_offers", _("Personal offers")
    PAYMENT_RECOGNITION = "payment_recognition", _("Recognised by payment card")
    PROFILING = "profiling", _("Groups by what somebody buys")


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def in_words_of(self, *, purpose: str, version: str, locale: str) -> "ConsentText | None":
        """The text of a version as somebody of that language saw it, if we have it."""
        return self.filter(purpose=purpose, version=version, locale=known_locale(locale)).first()

    def in_version(self, *, purposes: Collection[str], version: str, locale: str) -> list[str]:
        """The words of a version for some purposes, as somebody of that language saw them."""
        found = self.filter(purpose__in=purposes, version=version, locale=known_locale(locale))
        return list(found.order_by("pk").values_list("text", flat=True))

    def newest(self, *, purpose: str, locale: str) -> "ConsentText | None":
        """The text to show now."""
        return self.filter(purpose=purpose, locale=known_locale(locale)).order_by("-pk").first()


class ConsentText(models.Model):
    """What somebody is asked, word for word. Another wording is another version; `digest` (SHA-256) seals the words."""

    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose.choices)
    version = models.CharField(_("version"), max_length=32)
    locale = models.CharField(_("language"), max_length=8)
    text = models.TextField(_("text"))
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of consent")
        verbose_name_plural = _("texts of consent")
        constraints = [models.UniqueConstraint(fields=["purpose", "version", "locale"], name="consent_text_once")]
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.purpose} {self.version} {self.locale}"

    @staticmethod
    def digest_of(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()


class ConsentQuerySet(models.QuerySet["Consent"]):
    def not_taken_back(self) -> Self:
        """Without what orders said that came to nothing."""
        taken_back = Consent.objects.filter(
            source_record=OuterRef("source_record"),
            purpose=OuterRef("purpose"),
            basis=Consent.Basis.SOFT_OPT_IN,
            order_number=OuterRef("order_number"),
            given=False,
        )
        return self.exclude(Exists(taken_back), basis=Consent.Basis.SOFT_OPT_IN)


class Consent(models.Model):
    """Permission given or withdrawn for a purpose: a word somebody said, never changed. `consenting` says what holds.

    `basis` is consent, or the purchase that lets us write about our own similar goods until they say no (soft opt-in), with
    its `order_number`; not given, it says that this order came to nothing, and neither word counts. `said` is how they told
    us, `proof` where ("webshop", "store S001"). After `expires_at` it no longer holds.
    """

    Purpose = Purpose

    class Basis(models.TextChoices):
        CONSENT = "consent", _("Consent")
        SOFT_OPT_IN = "soft_opt_in", _("Bought from us, and did not object")

    class Said(models.TextChoices):
        ONLINE = "online", _("Online")
        SPOKEN = "spoken", _("Spoken")
        MAIL = "mail", _("By a link in a mail")
        REQUEST = "request", _("As a privacy request")

    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose.choices)
    given = models.BooleanField(_("given"))
    basis = models.CharField(
        _("basis"), max_length=12, choices=Basis.choices, default=Basis.CONSENT, db_default=Basis.CONSENT
    )
    order_number = models.CharField(_("order"), max_length=16, blank=True, db_default="")
    said = models.CharField(_("said"), max_length=8, choices=Said.choices, default=Said.ONLINE, db_default=Said.ONLINE)
    text_version = models.CharField(_("text version"), max_length=32)
    text = models.ForeignKey(ConsentText, models.PROTECT, null=True, related_name="+", verbose_name=_("text"))
    proof = models.CharField(_("proof"), max_length=120)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)
    expires_at = models.DateTimeField(_("holds until"), null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                name="soft_opt_in_names_its_order", condition=Q(basis="consent") | Q(given=False) | ~Q(order_number="")
            )
        ]
        triggers = RECORD

    def __str__(self) -> str:
        return f"{self.purpose}: {self.given}"

    @property
    def holds(self) -> bool:
        """Whether this word, if it is the one that counts, allows the purpose now."""
        return self.given and (self.expires_at is None or self.expires_at > timezone.now())


class ConfirmationAsked(models.Model):
    """Somebody gave an address and is asked, by a mail to it, to confirm that they want what they ticked (double opt-in)."""

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    source_record = models.ForeignKey(SourceRecord, models.PROTECT, related_name="confirmations_asked")
    address = models.CharField(_("e-mail address"), max_length=254)
    locale = models.CharField(_("language"), max_length=8)
    purposes = models.JSONField(_("purposes"))
    text_version = models.CharField(_("text version"), max_length=32)
    proof = models.CharField(_("proof"), max_length=120)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    class Meta:
        verbose_name = _("confirmation asked")
        verbose_name_plural = _("confirmations asked")
        triggers = [pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.key}"
