"""Each page once, in Dutch, on a phone in the dark; the full cross is `make soak`."""

import pytest

from tests.access.world import build_world
from tests.journeys.every_page import faults, once_each, screen, sign_in

pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("half", range(2))
def test_axe_finds_nothing_on_any_page(browser, live_server, half):
    world = build_world()
    page = screen(browser, live_server.url, width=360, theme="dark")
    found, who = [], None
    for _name, role, path in sorted(once_each(world)[half::2], key=lambda visit: visit[1]):
        if role != who:
            sign_in(page, live_server.url, world.staff[who := role], language="nl")
        found += [f"{role}: {fault}" for fault in faults(page, path, 360)]
    page.context.close()
    assert not found, "\n".join(found)
