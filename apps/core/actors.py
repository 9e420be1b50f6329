"""Who did it, as ledgers and events write it: a kind and an id, never a name."""

from typing import Any

from apps.core.blanks import ACTOR, Blank

SYSTEM = "system"


def actor_of(principal: Any) -> str:
    """`user:12` for staff, `client:3` for an API client, `system` for nobody in particular; a blank where nobody is known yet."""
    if principal is None:
        return SYSTEM
    if isinstance(principal.pk, Blank):
        return Blank(ACTOR)  # type: ignore[return-value]  # in place of the text
    kind = "client" if getattr(principal, "is_api_client", False) else "user"
    return f"{kind}:{principal.pk}"
