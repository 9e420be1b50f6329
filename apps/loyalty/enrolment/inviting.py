"""Invitations: made by staff, found by the link in a QR code or by the code to type."""

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import LinkGone
from apps.loyalty.models import Invitation
from apps.network.models import Location

OPEN_FOR = dt.timedelta(minutes=15)
_FRESH = dt.timedelta(
    minutes=5
)  # what a link must have left to be shown once more, so that nobody is cut off while typing
_KEPT = dt.timedelta(days=1)
_SALT = "toonbank.join"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
_CODE = 6


@transaction.atomic
def invite(*, store: Location | None, principal: User, another: bool = False) -> Invitation:
    """The open invitation of a member of staff, or a new one: always with `another`, for the next customer in line."""
    if not another:
        now = timezone.now()
        is_typed_on = Q(opened_at__isnull=False, expires_at__gt=now)
        is_fresh = Q(opened_at__isnull=True, expires_at__gt=now + _FRESH)
        mine = Invitation.objects.filter(invited_by=principal, store=store, account=None)
        last = mine.filter(is_typed_on | is_fresh).order_by("-pk").first()
        if last is not None:
            return last
    return Invitation.objects.create(
        code=_draw_code(), store=store, invited_by=principal, expires_at=timezone.now() + OPEN_FOR
    )


def _draw_code() -> str:
    while True:
        code = "".join(secrets.choice(_ALPHABET) for _place in range(_CODE))
        if not Invitation.objects.filter(code=code).exists():
            return code


def join_token(invitation: Invitation) -> str:
    return signing.dumps(invitation.key.hex, salt=_SALT)


def join_link(invitation: Invitation) -> str:
    """What the QR code says."""
    return settings.BASE_URL + reverse("join:form", args=[join_token(invitation)])


def invited_by_link(token: str) -> Invitation:
    """The invitation behind a link, open or used. Raises LinkGone for one that is neither."""
    try:
        key: Any = signing.loads(token, salt=_SALT, max_age=_KEPT)
    except signing.BadSignature:
        key = None
    invitation = Invitation.objects.select_related("store").filter(key=key).first() if key else None
    if invitation is None or (invitation.account_id is None and not invitation.is_open):
        raise LinkGone(_("This link is no longer open. Ask for a new one in the store."))
    return invitation


def invited_by_code(typed: str) -> Invitation | None:
    """The open invitation with this code, however it was typed."""
    code = "".join(character for character in typed.upper() if character in _ALPHABET)
    found = Invitation.objects.filter(code=code).first() if len(code) == _CODE else None
    return found if found is not None and found.is_open else None


def note_opened(invitation: Invitation) -> None:
    """Note that a phone opened it, which its page in the store shows."""
    Invitation.objects.filter(pk=invitation.pk, opened_at=None, account=None).update(opened_at=timezone.now())


def forget_unused() -> int:
    """Delete the invitations of earlier days that nobody took up."""
    gone, _tables = Invitation.objects.filter(account=None, expires_at__lt=timezone.now() - _KEPT).delete()
    return gone
