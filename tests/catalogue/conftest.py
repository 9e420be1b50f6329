import pytest

from tests.shop import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()
