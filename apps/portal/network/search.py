"""Stores and distribution centres in the search box."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from apps.core.spelling import likeness, spelled_like, words_of
from apps.network.models import Location
from apps.portal.contributions import Found, SearchHit


def find_locations(principal: Any, text: str, limit: int) -> Found:
    """Locations by code, name, city or the beginning of a postcode, slips of the finger forgiven; a full code is exact."""
    rows = matching(Location.objects.visible_to(principal), text)
    alike = Greatest(likeness("name", text), likeness("city", text))
    return Found.of(rows.order_by(alike.desc(), "code"), lambda location: _hit(location, text), limit)


def matching(rows: QuerySet[Location], text: str) -> QuerySet[Location]:
    """Locations that have every word. A chain has hundreds of them, so this reads them all."""
    for word in words_of(text):
        named = spelled_like("name", word) | spelled_like("city", word)
        rows = rows.filter(named | Q(code__istartswith=word) | Q(postcode__istartswith=word))
    return rows


def _hit(location: Location, text: str) -> SearchHit:
    return SearchHit(
        title=location.name,
        url=location.get_absolute_url(),
        meta=f"{location.code}, {location.postcode} {location.city}",
        exact=location.code.casefold() == text.casefold(),
    )
