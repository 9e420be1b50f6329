from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import ApiClient, Assignment, User
from apps.accounts.services import issue_api_key
from apps.network.models import Channel, Location
from tests.api import ApiCaller


@pytest.fixture
def make_location() -> Callable[..., Location]:
    def make(code: str, **fields: object) -> Location:
        return Location.objects.create(
            **{"code": code, "name": f"Winkel {code}", "postcode": "2011AB", "city": "Haarlem", **fields}
        )

    return make


@pytest.fixture
def webshop(db: None) -> Channel:
    return Channel.objects.create(code="webshop", name="Webshop", kind=Channel.Kind.WEBSHOP, verifies_email=True)


@pytest.fixture
def api_client_for(db: None) -> Callable[..., ApiCaller]:
    """Make an API client of a channel with scopes, and something to call the API with."""

    def make(channel: Channel, *scopes: str) -> ApiCaller:
        client = ApiClient.objects.create(name=f"{channel} {len(scopes)}", channel=channel, scopes=list(scopes))
        caller = ApiCaller(issue_api_key(client=client))
        caller.principal = client
        return caller

    return make


@pytest.fixture
def shop_api(webshop: Channel, api_client_for: Callable[..., ApiCaller]) -> Any:
    return api_client_for(webshop, "customers:read", "customers:write", "contacts:write")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(role: str, location: Location | None = None) -> User:
        user = User.objects.create_user(f"{role}{User.objects.count()}@example.org", "wachtwoord", name=role.title())
        Assignment.objects.create(user=user, role=role, location=location)
        return user

    return make
