"""Look-ups of persons have limits of their own, so that nobody tries addresses in bulk: for each member of staff, each API
client, and each network address they come from. What is refused is written down as an attempt.
"""

import time
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle
from rest_framework.views import APIView

from apps.core.actors import actor_of
from apps.customers.review.noting import Outcome, note_look_up


class LookupThrottle(SimpleRateThrottle):
    """For each API client."""

    scope = "customer_lookup"

    def get_rate(self) -> str:
        return settings.CUSTOMER_LOOKUP_RATE

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": actor_of(request.user)}

    @classmethod
    def is_spent(cls, principal: Any) -> bool:
        """Whether somebody used up their look-ups. It counts for nothing, so that it can be asked before a code is read."""
        most, history, _seconds = cls._spent(principal)
        return most is not None and len(history) >= most

    @classmethod
    def count(cls, principal: Any) -> None:
        """Count a look-up that was done by other means than a form: a scanned card."""
        most, history, seconds = cls._spent(principal)
        if most is not None:
            cls.cache.set(cls._key(principal), [time.time(), *history], seconds)

    @classmethod
    def _key(cls, principal: Any) -> str:
        return cls.cache_format % {"scope": cls.scope, "ident": actor_of(principal)}

    @classmethod
    def _spent(cls, principal: Any) -> tuple[int | None, list[float], int]:
        """How many there may be, when there were, and in how many seconds."""
        throttle = cls()
        most, seconds = throttle.parse_rate(throttle.get_rate())
        since = time.time() - (seconds or 0)
        return most, [moment for moment in cls.cache.get(cls._key(principal), []) if moment > since], seconds or 0


class NetworkLookupThrottle(LookupThrottle):
    """For all who come from one network address: keys or accounts that somebody uses side by side share one limit."""

    scope = "network_lookup"

    def get_rate(self) -> str:
        return settings.NETWORK_LOOKUP_RATE

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": network_of(request)}


class StaffLookupThrottle(LookupThrottle):
    """People look up one customer at a time."""

    scope = "staff_lookup"

    def get_rate(self) -> str:
        return settings.STAFF_LOOKUP_RATE

    @classmethod
    def lets_through(cls, request: HttpRequest, *, purpose: str = "", source: str = "") -> bool:
        """Whether the person may look somebody up now; it counts as a look-up. A refusal is written down."""
        asked: Any = request
        view: Any = None  # a limit of look-ups reads the request alone
        through = [throttle.allow_request(asked, view) for throttle in (cls(), NetworkLookupThrottle())]
        if not all(through):
            note_throttled(request, purpose=purpose, source=source)
        return all(through)


class LooksUp(APIView):
    """For an API view that finds persons: both limits, and an attempt in the log for every refusal."""

    throttle_classes: list[type[BaseThrottle]] = [LookupThrottle, NetworkLookupThrottle]

    def throttled(self, request: Request, wait: float) -> NoReturn:
        note_throttled(request)
        raise Throttled(wait)


def lets_look_up(principal: Any, *, given: Mapping[str, str], purpose: str, source: str = "") -> bool:
    """Whether somebody may look up what a number that a customer gives stands for, other than by a form; it counts as a look-up.

    A refusal is written down. It is answered as if nothing had this number.
    """
    limit = LookupThrottle if getattr(principal, "is_api_client", False) else StaffLookupThrottle
    if limit.is_spent(principal):
        note_look_up(principal=principal, given=given, outcome=Outcome.THROTTLED, purpose=purpose, source=source)
        return False
    limit.count(principal)
    return True


def note_throttled(request: Any, *, purpose: str = "", source: str = "") -> None:
    note_look_up(
        principal=request.user,
        given={},
        outcome=Outcome.THROTTLED,
        purpose=purpose,
        source=source,
        network=network_of(request),
    )


def network_of(request: Any) -> str:
    """The network address that a request came from, as the server sees it."""
    return str(request.META.get("REMOTE_ADDR", ""))
