"""Each page once, in Dutch, on a phone in the dark; the full cross is `make soak`."""

import pytest

from tests.access.world import build_world
from tests.journeys.every_page import browser_of, faults, once_each

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("quarter", range(4))
def test_axe_finds_nothing_on_any_page(browser, live_server, quarter):
    world = build_world()
    pages, found = {}, []
    for _name, role, path in list(once_each(world))[quarter::4]:
        if role not in pages:
            pages[role] = browser_of(browser, live_server.url, world, role, width=360, theme="dark", language="nl")
        found += faults(pages[role], path, 360)
    for page in pages.values():
        page.context.close()
    assert not found, "\n".join(found)
