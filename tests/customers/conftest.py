from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import User
from tests.customers.terms import NOON
from tests.people import api_client_for, make_location, make_user, shop_api, webshop

__all__ = ["api_client_for", "make_location", "make_user", "shop_api", "webshop"]


@pytest.fixture
def browse() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def now() -> Any:
    """Noon of the day on which terms are tried; the clock stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
