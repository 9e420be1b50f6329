"""The store somebody is working in, for those who work in stores."""

from typing import Any

from django.http import HttpRequest

from apps.core.reach import reach_of
from apps.core.statements import KeptQuery
from apps.network.models import Location

SESSION_KEY = "store"

_stores = KeptQuery(lambda asked: Location.objects.filter(pk__in=asked["ids"]).order_by("code"))


def stores_of(request: HttpRequest) -> list[Location]:
    """The stores a person works in, by code; none for those who look after the whole chain. One query a request."""
    known = getattr(request, "_stores", None)
    if known is None:
        reach = reach_of(request.user)
        known = []
        if reach.location_ids and not reach.every_location:
            known = _stores.read(ids=reach.location_ids)
        request._stores = known  # type: ignore[attr-defined]  # kept for this request
    return known


def store_of(request: HttpRequest) -> Location | None:
    """The store chosen for this session, else the first; None for those who look after the whole chain."""
    stores = stores_of(request)
    chosen = request.session.get(SESSION_KEY)
    return next((store for store in stores if store.code == chosen), stores[0] if stores else None)


def choose_store(request: HttpRequest, code: str) -> Any:
    """Work in the store with this code from now on; a code out of reach changes nothing and gives None."""
    store = next((store for store in stores_of(request) if store.code == code), None)
    if store is not None:
        request.session[SESSION_KEY] = store.code
    return store
