import pytest
from django.test import Client

from apps.accounts.models import User
from tests.franchise.chain import Chain, build_chain


@pytest.fixture
def chain(db) -> Chain:
    return build_chain()


@pytest.fixture
def as_user():
    """A browser in which the given person has signed in, with English pages."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in
