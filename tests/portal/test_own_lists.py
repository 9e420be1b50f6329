"""What people set up for themselves on a list: columns, rows on a page, views."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.roles import Role
from apps.portal.models import ListSettings, SavedView
from apps.portal.network.views import LocationList
from tests.portal.conftest import SWAP, make_person
from tests.portal.test_list_page import LIST, codes_in, tabs_in, text_of

COLUMNS = f"{LIST}?part=columns"
ORDER = ["name", "code", "kind", "street", "city", "country", "owner", "state"]


def heads_in(response) -> list[str]:
    page = response.content.decode()
    head = page[page.index("<thead>") : page.index("</thead>")]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th [^>]*>(.*?)</th>", head, re.S)]


def save_view(client, query="kind=dc", **fields):
    return client.post(f"{LIST}?{query}&part=view&new=1", {"do": "create", "name": "Mine", **fields})


# --- columns ----------------------------------------------------------------------------------------------------------


def test_everybody_has_columns_of_their_own(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ORDER, "columns": ["city", "owner"]})
    assert heads_in(client.get(LIST)) == ["Name", "City", "Legal entity"]  # what names the row always stays
    assert len(heads_in(as_user(chain.associate).get(LIST))) == len(ORDER)


def test_a_column_moves_by_a_button(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ORDER, "columns": ["code", "city"], "up": "city"})
    assert heads_in(client.get(LIST)) == ["Name", "City", "Code"]
    client.post(COLUMNS, {"order": ["name", "city", "code"], "columns": ["code", "city"], "down": "name"})
    assert heads_in(client.get(LIST)) == ["City", "Name", "Code"]
    client.post(COLUMNS, {"order": ["city", "name", "code"], "columns": ["code", "city"], "up": "city"})  # is first
    assert heads_in(client.get(LIST)) == ["City", "Name", "Code"]


def test_the_usual_columns_come_back(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ORDER, "columns": ["city"], "rows": "25"})
    client.post(COLUMNS, {"order": ORDER, "columns": ["city"], "reset": "1"})
    assert len(heads_in(client.get(LIST))) == len(ORDER)
    assert ListSettings.objects.get(user=chain.head_office).rows is None


def test_columns_nobody_has_are_ignored(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ["password", *ORDER], "columns": ["password", "city"], "rows": "100000"})
    assert heads_in(client.get(LIST)) == ["Name", "City"]
    assert ListSettings.objects.get().rows is None


def test_a_column_with_a_permission_is_neither_shown_nor_offered(as_user, chain, monkeypatch):
    monkeypatch.setattr(LocationList.table_class.base_columns["owner"], "permission", "payments.view")
    manager = as_user(chain.associate)
    assert "Legal entity" not in heads_in(manager.get(LIST))
    assert "Legal entity" not in manager.get(COLUMNS, headers=SWAP).content.decode()
    manager.post(COLUMNS, {"order": ORDER, "columns": ["owner"]})
    assert heads_in(manager.get(LIST)) == ["Name"]
    assert "Legal entity" in heads_in(as_user(chain.head_office).get(LIST))


def test_as_many_rows_as_one_likes(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ORDER, "columns": ORDER, "rows": "25"})
    assert ListSettings.objects.get().rows == 25


def test_in_a_swap_the_chooser_answers_and_the_rows_follow(as_user, chain):
    client = as_user(chain.head_office)
    response = client.post(COLUMNS, {"order": ORDER, "columns": ["city"]}, headers=SWAP)
    assert response["HX-Trigger-After-Settle"] == "list-changed"
    assert b'<form class="column-choice"' in response.content
    assert b"<table" not in response.content
    assert client.post(COLUMNS, {"order": ORDER, "columns": ["city"]}).status_code == 302  # without scripts


# --- views ------------------------------------------------------------------------------------------------------------


def test_a_state_is_kept_as_a_view(as_user, chain):
    client = as_user(chain.head_office)
    client.post(COLUMNS, {"order": ORDER, "columns": ["city"]})
    made = save_view(client, "kind=store&sort=-city")
    assert made.status_code == 302
    page = client.get(made["Location"])
    assert codes_in(page) == ["S004", "S002", "S001", "S003"]
    assert tabs_in(page)["*Mine"] == "4"
    assert "(changed)" not in text_of(page)
    # the view keeps its columns, whatever its maker chooses later
    client.post(COLUMNS, {"order": ORDER, "reset": "1"})
    assert heads_in(client.get(made["Location"])) == ["Name", "City"]


def test_a_view_is_mine_alone_until_i_share_it_with_a_role(as_user, chain):
    head_office, finance = as_user(chain.head_office), as_user(chain.finance)
    colleague = as_user(make_person("Anna Blauw", Role.HEAD_OFFICE))
    save_view(head_office)
    assert "Mine" not in tabs_in(colleague.get(LIST))
    save_view(head_office, name="Ours", role="head_office")
    assert "Ours" in tabs_in(colleague.get(LIST))
    assert "Ours" not in tabs_in(finance.get(LIST))
    slug = SavedView.objects.get(name="Ours").slug
    assert codes_in(finance.get(f"{LIST}?view={slug}")) == ["DC-TI", "S001", "S002", "S003", "S004"]


def test_nobody_shares_with_a_role_that_is_not_theirs(as_user, chain):
    assert save_view(as_user(chain.associate), role="finance").status_code == 422
    assert not SavedView.objects.exists()
    assert save_view(as_user(chain.head_office), role="finance").status_code == 302


def test_rows_of_a_shared_view_stay_within_reach(as_user, chain):
    save_view(as_user(chain.head_office), "kind=store", role="store_associate")
    slug = SavedView.objects.get().slug
    assert codes_in(as_user(chain.associate).get(f"{LIST}?view={slug}")) == ["S001"]


def test_only_its_maker_changes_a_view(as_user, chain):
    save_view(as_user(chain.head_office), role="finance")
    view = SavedView.objects.get()
    address = f"{LIST}?view={view.slug}&part=view"
    finance = as_user(chain.finance)
    assert finance.post(address, {"do": "change", "name": "Stolen"}).status_code == 302  # a view of their own
    assert SavedView.objects.get(pk=view.pk).name == "Mine"
    assert finance.post(address, {"do": "delete"}).status_code == 404
    maker = as_user(chain.head_office)
    maker.post(
        f"{LIST}?view={view.slug}&changed=1&kind=store&part=view", {"do": "change", "name": "Shops", "replace": "1"}
    )
    view.refresh_from_db()
    assert (view.name, view.query, view.role) == ("Shops", "kind=store", "")
    assert maker.post(address, {"do": "delete"}).status_code == 302
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_one_may_begin_in_a_view(as_user, chain):
    client = as_user(chain.head_office)
    save_view(client, start="on")
    page = client.get(LIST)
    assert codes_in(page) == ["DC-TI"]
    assert 'href="/locations/?view=all"' in text_of(page)
    assert len(codes_in(client.get(f"{LIST}?view=all"))) == 5
    view = SavedView.objects.get()
    client.post(f"{LIST}?part=view", {"do": "change", "name": view.name})
    assert len(codes_in(client.get(LIST))) == 5


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 41}, {"role": "king"}])
def test_a_view_that_cannot_be_says_why(as_user, chain, fields):
    response = save_view(as_user(chain.head_office), **fields)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()


def test_views_cost_the_same_however_many_rows(as_user, chain):
    client = as_user(chain.head_office)
    save_view(client)
    with CaptureQueriesContext(connection) as captured:
        client.get(LIST)
    assert len(captured) <= 16
