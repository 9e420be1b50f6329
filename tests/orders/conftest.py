from collections.abc import Callable

import pytest

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.network.models import Location
from tests.shop import ALL_SCOPES, Shop, open_shop
from tests.staff import person


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop with ten of A, B and C in store S1."""
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    return shop


@pytest.fixture
def manager(shop: Shop):
    """The manager of store S1."""
    return person("Daan de Ruiter", "store_manager", location=shop.s1)


@pytest.fixture
def associate(shop: Shop):
    """An associate of store S1."""
    return person("Bo Jansen", "store_associate", location=shop.s1)


@pytest.fixture
def stranger(shop: Shop):
    """The manager of another store, S2."""
    return person("Els Bakker", "store_manager", location=shop.s2)


@pytest.fixture
def head_office(shop: Shop):
    return person("Mirjam Vos", "head_office")


@pytest.fixture
def key_of(shop: Shop) -> Callable[[Location], str]:
    """Makes the key of a store's own app."""

    def make(location: Location) -> str:
        client = ApiClient.objects.create(name=location.code, channel=location.channel, scopes=ALL_SCOPES)
        client.locations.set([location])
        return issue_api_key(client=client)

    return make
