"""Every API view × method: without a key 401, without the scope 403; a view that says nothing fails here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.accounts.services import issue_api_key
from apps.network.models import Channel
from tests.access.routes import Route, routes

# Views that anybody may read: they hold no data.
OPEN = {"schema"}
METHODS = ("get", "post", "put", "patch", "delete")
FILLED_IN = {
    "number": "T00000000000",
    "sku": "A",
    "key": "0192d0a0-0000-7000-8000-000000000000",
    "delivery": "0192d0a0-0000-7000-8000-000000000001",
    "parcel": "P00000000000",
}

API = [r for r in routes() if r.path.startswith("api/v1/") and r.name not in OPEN]


def methods_of(route: Route) -> list[str]:
    return [m for m in METHODS if hasattr(route.view, m)]


def key_with(scopes: list[str]) -> str:
    channel = Channel.objects.create(code="web", name="Webshop", kind="webshop")
    return issue_api_key(client=ApiClient.objects.create(name="other", channel=channel, scopes=scopes))


def scopes_of(route: Route, method: str) -> set[str]:
    """The scopes that open a method, any one of them."""
    declared = getattr(route.view, "required_scopes", {}).get(method.upper(), ())
    return {declared} if isinstance(declared, str) else set(declared)


def cases() -> Iterator[Any]:
    for route in API:
        for method in methods_of(route):
            yield pytest.param(route, method, id=f"{method} {route.path}")


@pytest.mark.parametrize("route", API, ids=lambda r: r.path)
def test_every_method_has_a_scope(route):
    assert {m.upper() for m in methods_of(route)} == set(getattr(route.view, "required_scopes", {}))
    for method in methods_of(route):
        assert scopes_of(route, method)
        assert scopes_of(route, method) <= set(Scope)


@pytest.mark.parametrize(("route", "method"), list(cases()))
def test_no_key_and_no_scope(db, route, method):
    # given: a client that may do everything but this
    key = key_with([s for s in Scope.values if s not in scopes_of(route, method)])
    path = "/" + route.filled(FILLED_IN)
    send = getattr(Client(), method)
    # when
    without_key = send(path, content_type="application/json")
    without_scope = send(
        path, content_type="application/json", headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
    )
    # then
    assert without_key.status_code == 401
    assert without_scope.status_code == 403
    for answer in (without_key, without_scope):
        assert set(answer.json()) == {"type", "errors"}


@pytest.mark.parametrize("route", API, ids=lambda r: r.path)
def test_a_method_nobody_decided_about_is_refused(db, route):
    key = key_with(Scope.values)
    for method in set(METHODS) - set(methods_of(route)):
        answer = getattr(Client(), method)("/" + route.filled(FILLED_IN), headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code in {403, 405}
