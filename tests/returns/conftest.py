import pytest

from tests.shop import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop with twenty of A, B and C in store S1 and none in S2."""
    shop = open_shop()
    shop.receive(shop.s1, A=20, B=20, C=20)
    return shop
