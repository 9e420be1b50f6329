"""Stores and distribution centres in the search box."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from apps.network.models import Location
from apps.portal.contributions import SearchHit


def find_locations(principal: Any, text: str, limit: int) -> Iterable[SearchHit]:
    """Locations by code, name, city or the beginning of a postcode; a full code is exact."""
    rows = Location.objects.visible_to(principal)
    for word in text.split():
        rows = rows.filter(
            Q(code__iexact=word) | Q(name__icontains=word) | Q(city__icontains=word) | Q(postcode__istartswith=word)
        )
    for location in rows.order_by("code")[:limit]:
        yield SearchHit(
            title=location.name,
            url=location.get_absolute_url(),
            meta=f"{location.code}, {location.postcode} {location.city}",
            exact=location.code.casefold() == text.casefold(),
        )
