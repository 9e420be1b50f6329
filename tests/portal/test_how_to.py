"""The page in the how-to has everything that the kit promises for it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.network.models import Channel
from tests.portal.how_to_page import CODE
from tests.portal.test_list_page import tabs_in, text_of
from tests.portal.test_own_lists import heads_in

pytestmark = pytest.mark.urls("tests.portal.how_to_page")
LIST = "/channels/"


@pytest.fixture
def channels(chain):
    for number in range(3):
        make_channel(chain, f"W{number}", "webshop")
    make_channel(chain, "T1", "store", location=chain.haarlem)


def make_channel(chain, code: str, kind: str, **more) -> Channel:
    return Channel.objects.create(
        code=code, name=f"Channel {code}", kind=kind, currency="EUR", seller=chain.own, **more
    )


def test_it_is_about_twenty_lines_of_declarations():
    declarations = [line for line in CODE.splitlines() if line.strip() and not line.startswith(("from ", "import "))]
    assert len(declarations) <= 22


def test_it_has_all_that_a_list_has(as_user, chain, channels):
    client = as_user(chain.head_office)
    page = client.get(LIST)
    assert tabs_in(page) == {"*All": "4", "Webshops": "3"}
    assert heads_in(page) == ["Code", "Name", "Kind"]
    assert "1 channel" in text_of(client.get(f"{LIST}?q=t1"))
    assert '<span class="by">Kind</span>' in text_of(client.get(f"{LIST}?kind=webshop"))
    client.post(f"{LIST}?part=columns", {"order": ["code", "currency"], "columns": ["currency"]})
    assert heads_in(client.get(LIST)) == ["Code", "Currency"]
    file = b"".join(client.get(f"{LIST}?kind=webshop&sort=-code&part=export&format=data").streaming_content)
    assert file.decode().split() == ["code,currency", "W2,EUR", "W1,EUR", "W0,EUR"]
    client.post(f"{LIST}?kind=webshop&part=view&new=1", {"do": "create", "name": "My shops"})
    assert tabs_in(client.get(LIST))["My shops"] == "3"


def test_its_queries_do_not_grow_with_its_rows(as_user, chain, channels):
    client = as_user(chain.head_office)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    for number in range(10, 50):
        make_channel(chain, f"W{number}", "webshop")
    assert queries() == few
