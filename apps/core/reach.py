"""Reach: which rows a principal may see, worked out once per principal object (that is, once per request).

The floor above (accounts) knows roles and assignments and hands them in through the principal's `compute_reach()`; every
queryset below and above asks only this module, so that there is one answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q


@dataclass
class Reach:
    """What a principal may do, and where.

    `permissions` are strings such as "orders.view". `location_ids` are the stores and distribution centres in reach;
    with `every_location` there is no limit. `channel_id` is the channel of an API client. `find_grants` reads, when first
    asked, which objects are open for a short while because a customer identified themselves: {"customer": {keys}}.
    """

    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    every_location: bool = False
    location_ids: frozenset[int] = frozenset()
    legal_entity_ids: frozenset[int] = frozenset()
    channel_id: int | None = None
    find_grants: Callable[[], dict[str, frozenset[str]]] = dict

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def q(self, path: str) -> Q:
        """A condition: the location found by following `path` is in reach."""
        return Q() if self.every_location else Q(**{f"{path}__in": self.location_ids})

    @cached_property
    def grants(self) -> dict[str, frozenset[str]]:
        """Keys of the objects that are open by an access grant, per kind."""
        return self.find_grants()

    def granted(self, kind: str) -> frozenset[str]:
        """Keys of the objects of a kind that are open by an access grant."""
        return self.grants.get(kind, frozenset())


NOBODY = Reach()


def reach_of(principal: Any) -> Reach:
    """The reach of a staff user or API client; nobody (anonymous, inactive) reaches nothing."""
    if principal is None or not getattr(principal, "is_active", False):
        return NOBODY
    known: Reach | None = getattr(principal, "_reach", None)
    if known is None:
        known = principal.compute_reach()
        principal._reach = known
    return known


def forget_reach(principal: Any) -> None:
    """Work reach out anew at the next question: after a grant was given, or when a job starts."""
    principal._reach = None  # works through the lazy wrapper of request.user too
