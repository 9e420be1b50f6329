"""Every page × every role, on one's own rows and on somebody else's. A page nobody decided about fails."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django_htmx.http import HTMX_STOP_POLLING

from apps.accounts.models import User
from apps.accounts.roles import PERMISSIONS, Role
from apps.network.models import LegalEntity
from apps.portal.templatetags.toonbank import roles_with
from config import urls
from tests.access.pages import CHAIN, PAGES, PUBLIC, ROUTES

CASES = [pytest.param(name, role, id=f"{name} {role}") for name in PAGES for role in Role]
# What a page may answer to whoever may open it: shown, done and on to the next, or refused in words.
OPENED = {200, HTMX_STOP_POLLING, 302, 303, 400, 409, 422}

pytestmark = pytest.mark.django_db


def test_every_page_is_decided_about():
    assert sorted(set(ROUTES) ^ (set(PAGES) | PUBLIC)) == []


def test_every_permission_is_somebodys_and_every_role_has_some():
    assert set(PERMISSIONS) == set(Role)
    assert all(PERMISSIONS.values())


# For one role, the roles taken in turn, whatever a page answers is drawn whole; for the others an error is a word and a page a
# swap, since it is the frame around each page that takes the time.
DRAWN_WHOLE = dict(zip(PAGES, cycle(Role), strict=False))


def in_a_word(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An error without its page; but for what that says of one page."""
    refused = isinstance(exception, PermissionDenied)
    return HttpResponse(", ".join(roles_with(exception)) if refused else "", status=403 if refused else 404)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], bool]:
    """Says whether all is drawn whole for a role, and sees to it that errors are not when it is not."""

    def whole(name: str, role: str) -> bool:
        if role != DRAWN_WHOLE[name]:
            monkeypatch.setattr(urls, "handler403", in_a_word)
            monkeypatch.setattr(urls, "handler404", in_a_word)
        return role == DRAWN_WHOLE[name]

    return whole


def open_page(client: Client, name: str, values: dict[str, Any], *, swap: bool = False) -> int:
    path = "/" + ROUTES[name].filled(values)
    headers = {"HX-Request": "true"} if swap else {}
    return (client.post if PAGES[name].post else client.get)(path, headers=headers).status_code


@pytest.mark.parametrize(("name", "role"), CASES)
def test_page_for_role(world, signed_in, drawn, name, role):
    # given
    page, client, swap = PAGES[name], signed_in(role), not drawn(name, role)
    # when
    own = open_page(client, name, world.own(name, role), swap=swap)
    # then
    if role not in page.roles:
        assert own == 403
        assert open_page(client, name, world.foreign(name, role)) == 403
        return
    assert own in OPENED
    if not page.rows:
        return
    foreign = open_page(client, name, world.foreign(name, role), swap=swap)
    assert (foreign in OPENED) if page.shows_all_to(role) else foreign == 404


# A parcel is sent from the store whose goods it takes; it is not the store's to call off or to hand over.
SENT = ("orders:order", "orders:pick", "orders:packing-slip", "orders:not-found", "orders:refuse", "orders:ship")
SENT += (
    "orders:parcel-label",
    "orders:parcel-left",
    "orders:parcel-again",
    "orders:parcel-tracking",
    "orders:unpack-parcel",
)
NOT_ITS_OWN = (
    "orders:keep",
    "orders:collector",
    "orders:cancel",
    "orders:reroute",
    "orders:choose-time",
    "orders:change-address",
    "orders:hand-over",
    "orders:ready",
)


@pytest.mark.parametrize(
    ("name", "role"), [pytest.param(n, r, id=f"{n} {r}") for n in (*SENT, *NOT_ITS_OWN) for r in Role]
)
def test_page_of_a_parcel_for_role(world, signed_in, drawn, name, role):
    # given
    page, client, swap = PAGES[name], signed_in(role), not drawn(name, role)
    # when
    mine, theirs = (open_page(client, name, world.parcel(name, a), swap=swap) for a in (world.mine, world.theirs))
    # then
    if role not in page.roles:
        assert (mine, theirs) == (403, 403)
    elif role in CHAIN:
        assert {mine, theirs} <= OPENED
    else:
        assert theirs == 404
        assert (mine == 404) if name in NOT_ITS_OWN else (mine in OPENED)


def test_whoever_has_no_store_yet_gets_an_answer_and_nothing_of_a_store(world, db):
    # given: a franchisee whose first store is still to open
    user = User.objects.create_user("starter@example.org", name="Starter")
    company = LegalEntity.objects.create(code="F99", name="Starter BV", kind=LegalEntity.Kind.FRANCHISEE)
    user.assignments.create(role=Role.FRANCHISEE, legal_entity=company)
    client = Client()
    client.force_login(user)
    # when
    answers = {}
    for name in PAGES:
        with transaction.atomic():
            answers[name] = open_page(client, name, world.own(name), swap=bool(PAGES[name].rows))
            transaction.set_rollback(True)
    # then
    shared = {"segments:segment"}  # with every franchisee
    rows = {name for name, page in PAGES.items() if page.rows == "store"} - shared
    assert {name: answers[name] for name in rows if answers[name] not in {403, 404}} == {}
    assert {name: status for name, status in answers.items() if status not in OPENED | {403, 404}} == {}


# The sign-in page has these two as well; they show and change nothing of anybody's.
FOR_ANYONE = {"portal:theme", "portal:language"}


@pytest.mark.parametrize("name", sorted(PAGES.keys() - FOR_ANYONE))
def test_nobody_sees_anything_without_signing_in(world, name):
    route, page = ROUTES[name], PAGES[name]
    client = Client()
    path = "/" + route.filled(world.own(name))
    answer = client.post(path) if page.post else client.get(path)
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_page_opens_nothing_to_who_guesses_its_address_and_stays_nowhere(world, name):
    # given
    route = ROUTES[name]
    path = "/" + route.filled({"token": "WyJhYmNkZWYiLDAsMV0:1vXabc:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"})
    # when
    answers = [Client().get(path), Client().post(path)]
    # then
    for answer in answers:
        assert answer.status_code in {405, 410} or not route.parameters
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == (
            "no-cache" if name == "card:worker" and answer.status_code == 200 else "no-store, private"
        )
        assert "toonbank_session" not in answer.cookies
