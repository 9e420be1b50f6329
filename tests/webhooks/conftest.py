from collections.abc import Iterator
from typing import Any

import pytest

from tests.shop import Shop, open_shop
from tests.webhooks.receiver import Receiver, listening


@pytest.fixture
def shop(db: Any) -> Shop:
    return open_shop()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with listening() as receiver:
        yield receiver
