"""Every page for every role that may open it, in both themes, at both widths, in both languages."""

import pytest

from apps.accounts.roles import Role
from tests.access.world import build_world
from tests.journeys.conftest import browser, playwright_running  # noqa: F401  (pytest finds fixtures by name)
from tests.journeys.every_page import faults, screen, sign_in, visits

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("role", list(Role))
def test_axe_finds_nothing(browser, live_server, role, width, theme, language):  # noqa: F811  (the fixture)
    world = build_world()
    page = screen(browser, live_server.url, width=width, theme=theme)
    sign_in(page, live_server.url, world.staff[role], language=language)
    found = [fault for _name, _role, path in visits(world, [role]) for fault in faults(page, path, width)]
    page.context.close()
    assert not found, "\n".join(found)
