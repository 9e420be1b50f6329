"""Every list, at addresses that somebody changed by hand or kept for too long."""

import pytest
from django.test import Client

from apps.accounts.roles import Role
from apps.portal.pages import ListPage
from tests.access.routes import routes
from tests.access.test_pages import PAGES

pytestmark = pytest.mark.django_db
LISTS = {r.name: r for r in routes() if isinstance(r.view, type) and issubclass(r.view, ListPage)}


@pytest.mark.parametrize("name", sorted(LISTS))
@pytest.mark.parametrize("page", ["999", "0", "-1", "x", "٣", "1e9", ""])
def test_a_page_that_is_not_there_is_the_last_or_the_first(world, name, page):
    # given
    client = Client()
    role = Role.HEAD_OFFICE if Role.HEAD_OFFICE in PAGES[name].roles else min(PAGES[name].roles)
    client.force_login(world.staff[role])
    path = "/" + LISTS[name].filled(world.own(name, role))
    first = client.get(path)
    # when
    answer = client.get(path, {"page": page})
    # then, all of it being on one page here
    assert answer.status_code == 200
    shown = [row.pk for row in answer.context["table"].records]
    assert shown == [row.pk for row in first.context["table"].records]
