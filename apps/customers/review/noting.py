"""Writing looks down: one insert beside what was looked at, in the same transaction, so that none is lost."""

import hmac
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.core.acting import current_act
from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.customers.review.models import Look

_LENGTH = 32
_END = {"phone": 2, "loyalty_card": 2, "order": 3, "collect_code": 3, "return": 3, "return_code": 3, "receipt": 3}
"""How many characters at the end of a number neighbours differ by."""

Outcome = Look.Outcome


def note_look_up(
    *,
    principal: Any,
    given: Mapping[str, str],
    outcome: str,
    purpose: str,
    case: str = "",
    source: str = "",
    customer_key: uuid.UUID | None = None,
    grant_key: uuid.UUID | None = None,
    network: str = "",
) -> None:
    """Write down that somebody tried to find a person by what they were `given`, and what came of it."""
    kinds = "+".join(sorted(kind for kind, value in given.items() if value))
    Look.objects.create(
        act=Look.Act.LOOK_UP,
        outcome=outcome,
        kind=kinds[:64],
        given=_digest("given", *(f"{kind}={value}" for kind, value in sorted(given.items()) if value)) if kinds else "",
        near=_digest("near", *_shared(given)) if kinds else "",
        customer_key=customer_key,
        grant_key=grant_key,
        purpose=purpose,
        with_case=bool(case),
        **_who(principal, source, network),
    )


def note_view(
    *,
    principal: Any,
    part: str,
    customer_key: uuid.UUID,
    outcome: str = Outcome.ONE,
    grant: Any = None,
    source: str = "",
) -> None:
    """Write down that somebody saw a part of what is known of a customer; or, `refused`, that it was not open to them."""
    Look.objects.create(
        act=Look.Act.VIEW,
        outcome=outcome,
        part=part[:64],
        customer_key=customer_key,
        grant_key=grant.key if grant else None,
        purpose=grant.purpose if grant else "",
        with_case=bool(grant and grant.case),
        **_who(principal, source, ""),
    )


def _who(principal: Any, source: str, network: str) -> dict[str, Any]:
    reach, act, now = reach_of(principal), current_act(), timezone.now()
    [place] = reach.location_ids if len(reach.location_ids) == 1 else [None]
    return {
        "at": now,
        "day": timezone.localdate(now),
        "principal": actor_of(principal),
        "role": min(reach.roles, default="")[:20],
        "location_id": place,
        "source": source or str(act.source),
        "network": _digest("network", network) if network else "",
        "request_id": act.request_id[:36],
    }


def _digest(purpose: str, *parts: str) -> str:
    """Keyed, so that nobody with the table alone can try values; short, for the table is long."""
    key = hmac.digest(settings.IDENTITY_KEY.encode(), f"toonbank.looks.{purpose}".encode(), "sha256")
    return hmac.new(key, "|".join(parts).casefold().encode(), "sha256").hexdigest()[:_LENGTH]


def _shared(given: Mapping[str, str]) -> list[str]:
    """What an identifier has in common with its neighbours."""
    shared = []
    for kind, value in sorted(given.items()):
        text = re.sub(r"[\s.\-]", "", value) if kind != "email" else value
        if not value or kind == "house_number":
            continue
        if kind == "email":
            box, _at, domain = value.partition("@")
            text = f"{re.sub(r'[0-9]+', '', box)}@{domain}"
        elif kind in _END:
            text = text[: -_END[kind]]
        shared.append(f"{kind}={text}")
    return shared
