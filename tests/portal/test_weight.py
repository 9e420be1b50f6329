"""What a browser gets when it comes for the first time: the page, its styles, scripts, icons and fonts."""

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.access.world import build_world
from tests.staff import browser

HEAVIEST = 150 * 1024  # bytes, as they travel
_LINKED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="([^"]+)"')
_NAMED = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


def files_of(page: str, path: str) -> dict[str, int]:
    """Every file that a page asks for, the files that its styles ask for included: {address: bytes that travel}."""
    asked = [urljoin(path, found) for found in _LINKED.findall(page)]
    weights: dict[str, int] = {}
    while asked:
        address = urlsplit(asked.pop()).path
        if address in weights:
            continue
        found = finders.find(address.removeprefix("/static/"))
        assert found, f"{address} is not there"
        content = Path(str(found)).read_bytes()
        weights[address] = len(gzip.compress(content, 9, mtime=0))
        if address.endswith(".css"):
            inner = [name for name in _NAMED.findall(content.decode()) if not name.startswith("data:")]
            asked += [urljoin(address, name) for name in inner]
    return weights


@pytest.mark.django_db
def test_a_first_visit_is_light():
    # given a list of as many rows as fit on a page
    world = build_world()
    for _row in range(60):
        world.shop.post("orders/", world.shop.order_body(("C", 1)) | {"fulfilment": {"method": "delivery"}})
    weights = {}
    for role in ("head_office", "store_manager"):
        client = browser(world.staff[role])
        for path in ("/", "/orders/?view=all", "/stock/?view=all", "/scan/"):
            # when
            answer = client.get(path, headers={"accept-encoding": "gzip"})
            content = answer.content
            files = files_of(gzip.decompress(content).decode(), path)
            # then
            assert {"/static/css/toonbank.css", "/static/vendor/bootstrap/css/bootstrap-grid.min.css"} <= files.keys()
            assert any(name.endswith(".js") for name in files)
            weights[role, path] = len(content) + sum(files.values())
    assert max(weights.values()) < HEAVIEST, weights
