"""Look-ups of persons have a limit of their own, for staff and machines alike, so that nobody tries addresses in bulk."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from apps.core.actors import actor_of


class LookupThrottle(SimpleRateThrottle):
    scope = "customer_lookup"

    def get_rate(self) -> str:
        return settings.CUSTOMER_LOOKUP_RATE

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": actor_of(request.user)}


class StaffLookupThrottle(LookupThrottle):
    """People look up one customer at a time."""

    def get_rate(self) -> str:
        return settings.STAFF_LOOKUP_RATE

    @classmethod
    def lets_through(cls, request: HttpRequest) -> bool:
        """Whether the person may look somebody up now; it counts as a look-up."""
        return cls().allow_request(request, None)  # type: ignore[arg-type]  # it reads the user alone
