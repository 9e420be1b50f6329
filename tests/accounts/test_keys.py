"""Keys of API clients: who has one, how long it lasts, and how soon it ends."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import api_auth
from apps.accounts.models import ApiClient, ApiKey
from apps.accounts.services import issue_api_key
from tests.shop import Shop, open_shop

ASKED = "availability/?sku=A"


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


def test_a_key_that_expires_stops_at_that_moment(shop: Shop) -> None:
    # given
    client = ApiClient.objects.get()
    key = issue_api_key(client=client, expires_at=timezone.now() + dt.timedelta(hours=1))
    assert shop.get(ASKED, api_key=key).status_code == 200
    # when
    api_auth._kept[ApiKey.digest_of(key)][1].expires_at = timezone.now()
    # then
    assert shop.get(ASKED, api_key=key).status_code == 401


def test_a_withdrawn_key_stops_when_it_is_read_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    assert shop.get(ASKED).status_code == 200
    # when
    ApiClient.objects.update(is_active=False)
    monkeypatch.setattr(api_auth, "KEPT_SECONDS", -1.0)
    # then
    assert shop.get(ASKED).status_code == 401
    assert shop.get(ASKED, api_key="tb_nobodys").status_code == 401


def test_a_key_is_read_once_for_several_requests(shop: Shop) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert shop.get(ASKED).status_code == 200
        return sum("accounts_apikey" in query["sql"] for query in queries.captured_queries)

    assert [reads(), reads()] == [1, 0]


def test_what_a_request_notes_on_its_client_is_gone_with_it(shop: Shop) -> None:
    # given
    digest = ApiKey.digest_of(shop.key)
    first = api_auth.find_key(digest)
    assert first is not None
    # when
    first.client.scopes = ["store:operate"]
    # then
    again = api_auth.find_key(digest)
    assert again is not None
    assert again.client.scopes != ["store:operate"]
