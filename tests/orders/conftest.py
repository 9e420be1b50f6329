import pytest

from tests.shop import Shop, open_shop
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
