"""Access: API keys and short-lived grants; and what people set for themselves."""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import AccessGrant, ApiClient, ApiKey, PersonalExport, User
from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.core.reach import forget_reach

_PREFIX = "tb_"


@transaction.atomic
def issue_api_key(*, client: ApiClient, expires_at: dt.datetime | None = None) -> str:
    """Make a key for a client and return it; only its hash is kept, so it can be shown this once."""
    key = _PREFIX + secrets.token_urlsafe(32)
    ApiKey.objects.create(client=client, prefix=key[:8], digest=ApiKey.digest_of(key), expires_at=expires_at)
    return key


@transaction.atomic
def grant_access(
    *,
    principal: Any,
    object_type: str,
    object_key: str,
    purpose: str,
    evidence: str,
    case: str = "",
    minutes: int = 30,
) -> AccessGrant:
    """Open one object to a principal for at most 30 minutes. `evidence` names the identifier that the customer gave."""
    now = timezone.now()
    grant = AccessGrant.objects.create(
        principal=actor_of(principal),
        object_type=object_type,
        object_key=object_key,
        purpose=purpose,
        evidence=evidence,
        case=case,
        granted_at=now,
        expires_at=now + min(dt.timedelta(minutes=minutes), AccessGrant.LONGEST),
    )
    forget_reach(principal)
    return grant


def note_export(
    *, principal: Any, page: str, filters: str, columns: Sequence[str], rows: int, file_format: str, purpose: str
) -> PersonalExport:
    """Write down that somebody takes personal data out of a list. Raises InvalidInput where they do not say what for."""
    if purpose not in PersonalExport.Purpose.values:
        raise InvalidInput(_("Say what the file is for."), code="required")
    return PersonalExport.objects.create(
        principal=actor_of(principal),
        page=page,
        filters=filters,
        columns=list(columns),
        rows=rows,
        file_format=file_format,
        purpose=purpose,
    )


def allow_single_keys(*, user: Any, allowed: bool) -> None:
    """Let single keys be shortcuts for somebody, or not: who dictates to the computer presses them by accident."""
    User.objects.filter(pk=user.pk).update(single_keys=allowed)
