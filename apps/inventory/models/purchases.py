"""What a supplier said would come: where, when, how many; and what came of it."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.audit.triggers import audited
from apps.core.money import ZERO, QuantityField
from apps.inventory.querysets import PurchaseNoticeQuerySet
from apps.network.models import Location


class NoticeStatus(models.TextChoices):
    EXPECTED = "expected", _("Expected")
    PARTLY = "partly", _("Partly in")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed, the rest does not come")


OPEN_NOTICES = (NoticeStatus.EXPECTED, NoticeStatus.PARTLY)


class PurchaseNotice(models.Model):
    """Goods that a supplier said would come to a location on a day. They may come in several goes; `goes` counts them.

    Until they are here they are nobody's stock; customers see how many come when. `reference` is the supplier's own.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="purchase_notices", db_index=False, verbose_name=_("location")
    )
    supplier = models.CharField(_("supplier"), max_length=80)
    reference = models.CharField(_("reference"), max_length=80)
    expected_on = models.DateField(_("expected"))
    status = models.CharField(_("status"), max_length=8, choices=NoticeStatus.choices, default=NoticeStatus.EXPECTED)
    goes = models.PositiveSmallIntegerField(default=0)
    announced_at = models.DateTimeField(_("announced"), default=timezone.now)
    announced_by = models.CharField(max_length=64)

    objects = PurchaseNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        triggers = [
            audited("purchase_notice", key="row.number", table="inventory_purchasenotice", unsaid=("goes", "status"))
        ]
        constraints = [
            models.UniqueConstraint(fields=["location", "supplier", "reference"], name="one_purchase_notice"),
        ]
        indexes = [
            models.Index(fields=["expected_on", "id"], name="notice_by_day"),
            models.Index(
                fields=["location", "expected_on"], name="notice_open", condition=Q(status__in=("expected", "partly"))
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:delivery", kwargs={"number": self.number})

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_NOTICES


class NoticeLine(models.Model):
    """So many of a variant: announced, and received so far. What was in the box unannounced was announced as nothing.

    `is_open` while more of it is to come; it is what availability looks at.
    """

    notice = models.ForeignKey(
        PurchaseNotice, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("delivery")
    )
    line = models.PositiveSmallIntegerField(_("line"))
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("variant"))
    announced = QuantityField(_("announced"))
    received = QuantityField(_("received"), default=0)
    is_open = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("line of a delivery")
        verbose_name_plural = _("lines of deliveries")
        ordering = ["notice_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "line"], name="one_notice_line"),
            models.UniqueConstraint(fields=["notice", "variant"], name="notice_variant_once"),
            models.CheckConstraint(name="notice_line_not_negative", condition=Q(announced__gte=0) & Q(received__gte=0)),
            models.CheckConstraint(
                name="notice_line_open_while_to_come",
                condition=Q(is_open=False) | Q(received__lt=F("announced")),
            ),
        ]
        indexes = [models.Index(fields=["variant"], name="expected_of_variant", condition=Q(is_open=True))]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.line}"

    @property
    def to_come(self) -> Decimal:
        """What is still expected of it."""
        return self.announced - self.received if self.is_open else ZERO


def status_after(lines: Iterable[NoticeLine]) -> NoticeStatus:
    """Where a notice stands after goods came in: all of it is here, or some is still to come."""
    return NoticeStatus.PARTLY if any(line.is_open for line in lines) else NoticeStatus.RECEIVED
