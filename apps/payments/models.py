"""The payment ledger: online and in the store alike."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.ledger.models import LedgerRow, once_per_cause
from apps.core.money import AmountField, CurrencyField
from apps.network.models import LegalEntity
from apps.payments.querysets import PaymentEntryQuerySet


class PaymentAccount(models.Model):
    """The money side of one order, in one currency. Running figures; the ledger is the truth.

    `unreferenced` marks an account that only pays out, because the purchase it reverses is not known (a return without a
    receipt, imported history); everywhere else a refund never exceeds what was captured.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    currency = CurrencyField(_("currency"))
    authorised = AmountField(_("authorised"), default=0)
    pending = AmountField(_("pending"), default=0)
    captured = AmountField(_("captured"), default=0)
    refunded = AmountField(_("refunded"), default=0)
    unreferenced = models.BooleanField(_("without original purchase"), default=False)

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")
        constraints = [
            models.CheckConstraint(
                name="refunded_at_most_captured",
                condition=Q(refunded__gte=0) & (Q(unreferenced=True) | Q(refunded__lte=F("captured"))),
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def paid(self) -> Decimal:
        """What the customer has paid and not got back."""
        return self.captured - self.refunded


class Tender(models.Model):
    """One means by which an account was paid. The account guards the sum; `captured - refunded` may go below zero on one
    tender only when a store pays back another way than the customer paid (a permission of its own).
    """

    account = models.ForeignKey(
        PaymentAccount, models.PROTECT, related_name="tenders", db_index=False, verbose_name=_("account")
    )
    line = models.SmallIntegerField(_("line"))
    method = models.CharField(_("method"), max_length=24)
    provider = models.CharField(_("provider"), max_length=24, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    currency = CurrencyField(_("currency"))
    authorised = AmountField(_("authorised"), default=0)
    pending = AmountField(_("pending"), default=0)
    captured = AmountField(_("captured"), default=0)
    refunded = AmountField(_("refunded"), default=0)

    class Meta:
        verbose_name = _("tender")
        verbose_name_plural = _("tenders")
        constraints = [
            models.UniqueConstraint(fields=["account", "line"], name="one_tender_line"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.reference}".strip()


class PaymentEntry(LedgerRow):
    """So much money was authorised, captured or refunded. `amount` is positive; the kind gives the direction."""

    class Kind(models.TextChoices):
        AUTHORISED = "authorised", _("Authorised")
        PENDING = "pending", _("Pending")
        CAPTURED = "captured", _("Captured")
        REFUNDED = "refunded", _("Refunded")

    account = models.ForeignKey(PaymentAccount, models.PROTECT, related_name="entries", verbose_name=_("account"))
    tender = models.ForeignKey(Tender, models.PROTECT, related_name="entries", verbose_name=_("tender"))
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="payment_entries", verbose_name=_("legal entity")
    )
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    provider_reference = models.CharField(_("provider's reference"), max_length=80, blank=True)

    objects = PaymentEntryQuerySet.as_manager()

    class Meta(LedgerRow.Meta):
        verbose_name = _("payment entry")
        verbose_name_plural = _("payment entries")
        constraints = [
            once_per_cause("payment_booked_once"),
            models.CheckConstraint(name="payment_positive", condition=Q(amount__gt=0)),
        ]
        indexes = [models.Index(fields=["business_date"], name="payment_of_day")]
