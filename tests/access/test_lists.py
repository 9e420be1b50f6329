"""Every list, at addresses that somebody changed by hand or kept for too long."""

from typing import Any

import pytest

from apps.accounts.roles import Role
from apps.portal.pages import ListPage
from tests.access.pages import PAGES
from tests.access.routes import routes

pytestmark = pytest.mark.django_db
LISTS = {r.name: r for r in routes() if isinstance(r.view, type) and issubclass(r.view, ListPage)}


NOT_THERE = ("999", "0", "-1", "x", "٣", "1e9", "")


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_page_that_is_not_there_is_the_last_or_the_first(world, signed_in, name):
    # given
    role = Role.HEAD_OFFICE if Role.HEAD_OFFICE in PAGES[name].roles else min(PAGES[name].roles)
    client, path = signed_in(role), "/" + LISTS[name].filled(world.own(name, role))

    def shown(**asked: str) -> list[Any]:
        answer = client.get(path, asked, headers={"HX-Request": "true"})
        assert answer.status_code == 200, asked
        return [row.pk for row in answer.context["table"].records]

    first = shown()
    # when, then, all of it being on one page here
    assert {page: shown(page=page) for page in NOT_THERE} == dict.fromkeys(NOT_THERE, first)
    assert client.get(path, {"page": "999"}).status_code == 200  # whole, too
