import pytest

from tests.shop import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop with ten of A, B and C in store S1."""
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    return shop
