import pytest
from django.test import Client

from apps.accounts.models import User
from apps.network.models import Channel
from tests.franchise.chain import Chain, build_chain


@pytest.fixture
def chain(db) -> Chain:
    """The chain, with a till channel in each store."""
    chain = build_chain()
    for code, store in chain.stores.items():
        if store.kind == "store":
            Channel.objects.create(code=f"till-{code}", name=code, kind="store", location=store)
    return chain


@pytest.fixture
def as_user():
    """A browser in which the given person has signed in, with English pages."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in
