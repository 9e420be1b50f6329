"""Who may open what. Rows are `visible_to`'s business; this is about permissions."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from apps.core.reach import reach_of

SIGNED_IN = "signed-in"
"""The permission of what everyone who has signed in may use: written down, so that nobody forgets to decide."""


class Permitted(Protocol):
    """Anything shown only to those with a permission."""

    @property
    def permission(self) -> str: ...


P = TypeVar("P", bound=Permitted)


def may(principal: Any, permission: str) -> bool:
    """Whether the principal holds the permission. Nobody who has not signed in holds any."""
    if not principal.is_authenticated:
        return False
    return permission == SIGNED_IN or reach_of(principal).may(permission)


def allowed(things: Iterable[P], principal: Any) -> list[P]:
    """Those of `things` that the principal may use, in their order."""
    if not principal.is_authenticated:
        return []
    held = {SIGNED_IN, *reach_of(principal).permissions}
    return [thing for thing in things if thing.permission in held]
