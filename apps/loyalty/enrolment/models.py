"""Invitations to take a card."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.network.models import Location


class Invitation(models.Model):
    """Room for one person to take a card on their own phone: made by a member of staff, used once, open for a quarter of an hour.

    Once used it is the evidence of who issued the card: which store, and which member of staff. `code` is for who has no
    camera at hand; `device` a digest of the cookie of the phone that used it, so that a double tap finds the card again.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=8, unique=True)
    store = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", verbose_name=_("store"))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("invited by")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("open until"))
    opened_at = models.DateTimeField(_("opened on a phone"), null=True)
    used_at = models.DateTimeField(_("used"), null=True)
    device = models.CharField(max_length=64, blank=True)
    account = models.OneToOneField(
        "loyalty.LoyaltyAccount", models.PROTECT, null=True, related_name="invitation", verbose_name=_("card")
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                name="invitation_used_for_a_card",
                condition=models.Q(used_at__isnull=True, account__isnull=True)
                | models.Q(used_at__isnull=False, account__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["invited_by", "expires_at"], name="invitation_of_staff"),
            models.Index(fields=["expires_at"], name="invitation_unused", condition=models.Q(account__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.key}"

    @property
    def is_open(self) -> bool:
        return self.account_id is None and self.expires_at > timezone.now()
