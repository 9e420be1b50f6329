"""Goods from one location to another: asked for, sent, on their way, received."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import ZERO, QuantityField
from apps.inventory.models.promises import Demand
from apps.inventory.querysets import TransferQuerySet
from apps.network.models import Location


class TransferStatus(models.TextChoices):
    ASKED = "asked", _("Waits for a yes")
    TO_SEND = "to_send", _("To be sent")
    PARTLY = "partly", _("Partly sent")
    IN_TRANSIT = "in_transit", _("On its way")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


TO_BE_SENT = (TransferStatus.TO_SEND, TransferStatus.PARTLY)


class Unsent(models.TextChoices):
    """Why less was sent than was asked for."""

    NOT_FOUND = "not_found", _("Not found")
    DAMAGED = "damaged", _("Damaged")
    NEEDED_HERE = "needed_here", _("Needed here")
    CALLED_OFF = "called_off", _("Not wanted any more")


UNSENT_BY_SENDER = tuple(choice for choice in Unsent.choices if choice[0] != Unsent.CALLED_OFF)
"""The reasons that a sender can give."""


class Difference(models.TextChoices):
    """Why something else came than was sent."""

    MISSING = "missing", _("Not in the delivery")
    BROKEN = "broken", _("Broken on the way")
    MISCOUNTED = "miscounted", _("Counted wrong when sent")


class Transfer(models.Model):
    """Goods that go from one location to another. `status` and `is_on_the_way` follow from the counters of the lines.

    Until they are sent they are promised at the sender, from when that agrees if somebody there has to; on their way they
    are a level of the receiver, in transit, and still belong to the sender's owner. They may leave in several goes and come
    in several goes: `sendings` and `receipts` count them, and the ledger's rows have the go as their `part`. `sent_at` is
    since when goods of it are on their way, `received_at` when some last came. With a cause they travel for a document (a
    customer's order): the promise on them is that document's, and travels with them.
    """

    number = models.CharField(_("number"), max_length=16, unique=True)
    sender = models.ForeignKey(Location, models.PROTECT, related_name="transfers_out", verbose_name=_("from"))
    receiver = models.ForeignKey(Location, models.PROTECT, related_name="transfers_in", verbose_name=_("to"))
    status = models.CharField(
        _("status"), max_length=10, choices=TransferStatus.choices, default=TransferStatus.TO_SEND
    )
    is_on_the_way = models.BooleanField(default=False)
    sendings = models.PositiveSmallIntegerField(default=0)
    receipts = models.PositiveSmallIntegerField(default=0)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    cause_type = models.CharField(max_length=32, blank=True, db_default="")
    cause_id = models.CharField(max_length=64, blank=True, db_default="")
    business_date = models.DateField(_("business date"))
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    requested_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField(_("sent"), null=True)
    sent_by = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField(_("received"), null=True)
    received_by = models.CharField(max_length=64, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(name="transfer_goes_elsewhere", condition=~Q(sender=F("receiver"))),
            models.UniqueConstraint(
                fields=["sender", "receiver", "reference"], condition=~Q(reference=""), name="transfer_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="transfer_newest"),
            models.Index(fields=["sender"], name="transfer_to_send", condition=Q(status__in=("to_send", "partly"))),
            models.Index(fields=["sender"], name="transfer_to_agree", condition=Q(status="asked")),
            models.Index(fields=["receiver"], name="transfer_to_receive", condition=Q(is_on_the_way=True)),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:transfer", kwargs={"number": self.number})

    @property
    def is_for_a_document(self) -> bool:
        """Whether the goods travel for somebody's document, and not for the stock of the receiver."""
        return bool(self.cause_type)


class TransferLine(models.Model):
    """So many of a variant: asked for, sent and received so far.

    It has a `demand` once the goods are promised. `unsent` stays behind for good, `unsent_because` says why. `differs` is how
    many more came than were sent (below zero: fewer) once somebody said why in `differs_because`. `packed` and `unpacked` are
    what whoever packs or unpacks has counted of the next go; they move nothing.
    """

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="lines", db_index=False, verbose_name=_("transfer")
    )
    line = models.IntegerField(_("line"))
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    demand = models.OneToOneField(
        Demand, models.PROTECT, related_name="transfer_line", null=True, verbose_name=_("demand")
    )
    requested = QuantityField(_("asked for"))
    packed = QuantityField(_("packed"), default=0)
    sent = QuantityField(_("sent"), default=0)
    unsent = QuantityField(_("not sent"), default=0)
    unpacked = QuantityField(_("unpacked"), default=0)
    received = QuantityField(_("received"), default=0)
    differs = QuantityField(_("difference"), default=0)
    unsent_because = models.CharField(_("why not sent"), max_length=12, choices=Unsent.choices, blank=True)
    differs_because = models.CharField(_("why it differs"), max_length=12, choices=Difference.choices, blank=True)

    class Meta:
        verbose_name = _("transfer line")
        verbose_name_plural = _("transfer lines")
        ordering = ["transfer_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "line"], name="one_transfer_line"),
            models.CheckConstraint(
                name="transfer_asks_for_some", condition=Q(requested__gt=0) & Q(packed__gte=0) & Q(unpacked__gte=0)
            ),
            models.CheckConstraint(
                name="transfer_sends_what_was_asked",
                condition=Q(sent__gte=0) & Q(unsent__gte=0) & Q(requested__gte=F("sent") + F("unsent")),
            ),
            models.CheckConstraint(
                name="transfer_receives_what_was_sent",
                condition=Q(received__gte=0) & Q(received__lte=F("sent") + F("differs")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requested} × {self.variant}"

    @property
    def to_send(self) -> Decimal:
        """What still lies at the sender, promised."""
        return self.requested - self.sent - self.unsent

    @property
    def on_the_way(self) -> Decimal:
        """What was sent and neither came nor is missing."""
        return self.sent + self.differs - self.received


def status_of(lines: Iterable[TransferLine]) -> TransferStatus:
    """Where a transfer stands: nothing sent at all is a transfer that was called off."""
    read = list(lines)
    was_sent = any(line.sent for line in read)
    if any(line.to_send > ZERO for line in read):
        if any(line.demand_id is None for line in read):
            return TransferStatus.ASKED
        return TransferStatus.PARTLY if was_sent else TransferStatus.TO_SEND
    if not was_sent:
        return TransferStatus.CANCELLED
    return TransferStatus.IN_TRANSIT if any(line.on_the_way > ZERO for line in read) else TransferStatus.RECEIVED
