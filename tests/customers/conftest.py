from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.people import api_client_for, make_location, make_user, shop_api, webshop

__all__ = ["api_client_for", "make_location", "make_user", "shop_api", "webshop"]


@pytest.fixture
def browse() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in
