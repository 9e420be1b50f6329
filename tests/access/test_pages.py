"""Every page × every role, on one's own rows and on somebody else's. A page nobody decided about fails."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django_htmx.http import HTMX_STOP_POLLING

from apps.accounts.roles import PERMISSIONS, Role
from apps.portal.templatetags.toonbank import roles_with
from config import urls
from tests.access.routes import routes

HO, FI, SM, SA, FR, AG, PO = (
    Role.HEAD_OFFICE,
    Role.FINANCE,
    Role.STORE_MANAGER,
    Role.STORE_ASSOCIATE,
    Role.FRANCHISEE,
    Role.SERVICE_AGENT,
    Role.PRIVACY_OFFICER,
)
EVERYBODY = {HO, FI, SM, SA, FR, AG, PO}
FLOOR = {SM, SA, FR}
DESK = {HO, AG} | FLOOR
MONEY = {HO, FI, SM, FR}
CHAIN = {HO, FI, AG, PO}


@dataclass(frozen=True)
class Page:
    """Who may open it, whose rows it shows, and whether it is opened by POST.

    `rows`: "" for none of anybody's, "store" for those of one's own stores (chain-wide roles see all), "granted" for those
    of customers who identified themselves, "own" for what one had made for oneself, "all" for what everybody with the
    permission sees. `also_all`: roles that see all rows all the same.
    """

    roles: set[Any]
    rows: str = ""
    post: bool = False
    also_all: frozenset[Any] = frozenset()

    def shows_all_to(self, role: str) -> bool:
        """Whether the role sees rows that are not its own."""
        return self.rows == "all" or (self.rows == "store" and role in CHAIN) or role in self.also_all


PAGES = {
    "portal:today": Page(EVERYBODY),
    "portal:search": Page(EVERYBODY),
    "portal:scan": Page({HO} | FLOOR),
    "portal:work": Page(DESK),
    "portal:work-times": Page({HO}),
    "portal:palette": Page(EVERYBODY),
    "portal:keyboard": Page(EVERYBODY),
    "portal:theme": Page(EVERYBODY, post=True),
    "portal:language": Page(EVERYBODY, post=True),
    "portal:choose-store": Page(EVERYBODY, post=True),
    "imports:imports": Page({HO, SM, FR}),
    "imports:new": Page({HO, SM, FR}),
    "imports:template": Page({HO, SM, FR}),
    "imports:import": Page({HO, SM, FR}, "own"),
    "imports:reading": Page({HO, SM, FR}, "own"),
    "imports:news": Page({HO, SM, FR}, "own"),
    "imports:book": Page({HO, SM, FR}, "own"),
    "imports:book-valid": Page({HO, SM, FR}, "own"),
    "imports:rejected": Page({HO, SM, FR}, "own"),
    "jobs:jobs": Page(EVERYBODY),
    "jobs:header": Page(EVERYBODY),
    "jobs:job": Page(EVERYBODY, "own"),
    "jobs:news": Page(EVERYBODY, "own"),
    "jobs:stop": Page(EVERYBODY, "own"),
    "jobs:again": Page(EVERYBODY, "own"),
    "jobs:file": Page(EVERYBODY, "own"),
    "reconciling:runs": Page({HO, FI}),
    "reconciling:now": Page({HO, FI}),
    "reconciling:run": Page({HO, FI}, "all"),
    "network:locations": Page(EVERYBODY),
    "network:location": Page(EVERYBODY, "store"),
    "network:chain-hours": Page(EVERYBODY),
    "network:change-chain-hours": Page({HO}),
    "network:add-chain-day": Page({HO}),
    "network:change-hours": Page({HO, SM, FR}, "store"),
    "network:add-day": Page({HO, SM, FR}, "store"),
    "network:add-slot": Page({HO, SM, FR}, "store"),
    "network:change-slot": Page({HO, SM, FR}, "store"),
    "network:drop-slot": Page({HO, SM, FR}, "store", post=True),
    "network:drop-day": Page({HO, SM, FR}, "store", post=True),
    "network:agree": Page({HO, FR}, "store", post=True),
    "network:withdraw-consent": Page({HO, FR}, "store", post=True),
    "catalogue:products": Page(EVERYBODY),
    "catalogue:product": Page(EVERYBODY, "all"),
    "catalogue:link-gtin": Page({HO}),
    "catalogue:unlink-gtin": Page({HO}, post=True),
    "inventory:stock": Page(DESK),
    "inventory:documents": Page(DESK),
    "inventory:document": Page(DESK, "store"),
    "inventory:deliveries": Page(DESK),
    "inventory:announce-delivery": Page({HO} | FLOOR),
    "inventory:delivery": Page(DESK, "store"),
    "inventory:receive-delivery": Page({HO} | FLOOR, "store"),
    "inventory:close-delivery": Page({HO} | FLOOR, "store"),
    "inventory:transfers": Page(DESK),
    "inventory:suggested-transfers": Page({HO} | FLOOR),
    "inventory:request-transfer": Page({HO} | FLOOR),
    "inventory:transfer": Page(DESK, "store"),
    "inventory:send-transfer": Page({HO} | FLOOR, "store"),
    "inventory:sent-transfer": Page({HO} | FLOOR, "store"),
    "inventory:receive-transfer": Page({HO} | FLOOR, "store"),
    "inventory:received-transfer": Page({HO} | FLOOR, "store"),
    "inventory:agree-transfer": Page(FLOOR, "store", post=True),
    "inventory:cancel-transfer": Page({HO} | FLOOR, "store", post=True),
    "inventory:transfer-slip": Page(DESK, "store"),
    "inventory:tasks": Page(DESK),
    "inventory:finish-task": Page(FLOOR),
    "inventory:counts": Page({HO} | FLOOR),
    "inventory:open-count": Page({HO} | FLOOR),
    "inventory:accuracy": Page({HO}),
    "inventory:count": Page({HO} | FLOOR, "store"),
    "inventory:counting": Page({HO} | FLOOR, "store"),
    "inventory:submit-count": Page({HO} | FLOOR, "store"),
    "inventory:approve-count": Page({HO, SM, FR}, "store"),
    "inventory:recount": Page({HO, SM, FR}, "store"),
    "inventory:withdraw-count": Page({HO, SM, FR}, "store"),
    "inventory:count-sheet": Page(DESK),
    "inventory:labels": Page(DESK),
    "inventory:of-product": Page(DESK, "all"),
    "inventory:correct": Page({HO} | FLOOR, "all"),
    "inventory:places": Page(DESK),
    "inventory:lying": Page(DESK),
    "inventory:add-places": Page({HO} | FLOOR),
    "inventory:put-away": Page({HO} | FLOOR),
    "inventory:move": Page({HO} | FLOOR, "all"),
    "inventory:imbalances": Page({HO}),
    "inventory:balance-anew": Page({HO}, post=True),
    "inventory:recalls": Page(DESK),
    "inventory:start-recall": Page({HO}),
    "inventory:recall-this": Page({HO}, "all"),
    "inventory:recall": Page(DESK, "all"),
    "inventory:lift-recall": Page({HO}, "all", post=True),
    "inventory:take-off": Page(FLOOR),
    "inventory:rebuild": Page({HO}, "all", post=True),
    "inventory:variant": Page(DESK, "all"),
    "inventory:why": Page(DESK, "all"),
    "inventory:safety": Page(DESK),
    "inventory:add-safety-rule": Page({HO}),
    "inventory:change-safety-rule": Page({HO}, "all"),
    "inventory:drop-safety-rule": Page({HO}, "all"),
    "inventory:thresholds": Page(DESK),
    "inventory:add-threshold": Page({HO}),
    "inventory:change-threshold": Page({HO}, "all"),
    "inventory:drop-threshold": Page({HO}, "all"),
    "inventory:feeds": Page(DESK),
    "inventory:consignments": Page({HO}),
    "inventory:consign": Page({HO}),
    "inventory:end-consignment": Page({HO}, "all"),
    "inventory:owed": Page({HO}),
    "inventory:add-supplier": Page({HO}),
    "inventory:sourcing-profiles": Page(DESK),
    "inventory:sourcing-profile": Page(DESK, "all"),
    "inventory:draft-profile": Page({HO}),
    "inventory:publish-profile": Page({HO}, "all", post=True),
    "inventory:add-strategy": Page({HO}, "all"),
    "inventory:change-strategy": Page({HO}, "all"),
    "inventory:drop-strategy": Page({HO}, "all", post=True),
    "orders:dry-runs-of": Page({HO}, "all"),
    "orders:try-profile": Page({HO}, "all"),
    "orders:dry-run": Page({HO}, "all"),
    "orders:orders": Page(EVERYBODY),
    "orders:order": Page(EVERYBODY, "store"),
    "orders:pick-list": Page(FLOOR),
    "orders:pick-list-printed": Page(FLOOR),
    "orders:packing-slip": Page(FLOOR, "store"),
    "orders:collect": Page(FLOOR),
    "orders:collect-terms": Page({HO}),
    "orders:keep": Page({HO, AG, SM, FR}, "store"),
    "orders:collector": Page(DESK, "store"),
    "orders:open-of-customer": Page(DESK | {PO}, "granted"),
    "orders:in-store": Page(FLOOR, "all"),
    "orders:pick": Page(FLOOR, "store", post=True),
    "orders:not-found": Page(FLOOR, "store", post=True),
    "orders:refuse": Page(FLOOR, "store"),
    "orders:recalled": Page(EVERYBODY, "all"),
    "orders:of-recall": Page(EVERYBODY, "all"),
    "orders:shelf-list": Page(DESK),
    "orders:mail-shelf-list": Page(DESK, "all"),
    "orders:shelf-list-of": Page(DESK, "store"),
    "orders:change-address": Page({HO, AG, SM, FR}, "store"),
    "orders:reroute": Page({HO, AG, SM, FR}, "store"),
    "orders:choose-time": Page({HO, AG, SM, FR}, "store"),
    "orders:sources": Page(DESK, "store"),
    "orders:ready": Page(FLOOR, "store", post=True),
    "orders:ship": Page(FLOOR, "store", post=True),
    "orders:parcel-label": Page(FLOOR, "store"),
    "orders:parcel-left": Page(FLOOR, "store", post=True),
    "orders:parcel-again": Page(FLOOR, "store", post=True),
    "orders:parcel-tracking": Page(FLOOR, "store"),
    "orders:unpack-parcel": Page(FLOOR, "store"),
    "orders:hand-over": Page(FLOOR, "store"),
    "orders:cancel": Page({HO, AG, SM, FR}, "store", post=True),
    "returns:returns": Page(EVERYBODY),
    "returns:find": Page({AG} | FLOOR),
    "returns:take-back": Page({AG} | FLOOR, "store"),
    "returns:spending": Page(DESK | {PO}, "granted"),
    "returns:on-order": Page(EVERYBODY, "store"),
    "returns:return": Page(EVERYBODY, "store"),
    "returns:take-in": Page({AG} | FLOOR, "store"),
    "returns:withdraw": Page({AG} | FLOOR, "store", post=True),
    "franchise:online-revenue": Page(MONEY),
    "franchise:lines": Page(MONEY),
    "franchise:line": Page(MONEY, "store"),
    "franchise:on-order": Page(MONEY, "store"),
    "franchise:rule-sets": Page(MONEY),
    "franchise:draft-rules": Page({HO, FI}),
    "franchise:rule-set": Page(MONEY, "all"),
    "franchise:publish-rules": Page({HO, FI}, "all", post=True),
    "kpis:dashboard": Page({HO, FI}),
    "kpis:goals": Page({HO, FI}),
    "kpis:goal": Page({HO, FI}, "all"),
    "segments:segments": Page({HO, SM, FR}),
    "segments:new": Page({HO}),
    "segments:segment": Page({HO, SM, FR}, "store"),
    "segments:change": Page({HO}, "all"),
    "segments:count": Page({HO}, "all", post=True),
    "segments:export": Page({HO}, "all"),
    "segments:retire": Page({HO}, "all"),
    "customers:find": Page(DESK | {PO}),
    "customers:choose": Page(DESK | {PO}, post=True),
    "customers:customer": Page(DESK | {PO}, "granted"),
    "customers:timeline": Page(DESK | {PO}, "granted"),
    "customers:consent": Page(DESK, "granted"),
    "customers:consents": Page(DESK | {PO}, "granted"),
    "customers:doubts": Page({HO, AG}),
    "customers:next-doubt": Page({HO, AG}),
    "customers:doubt": Page({HO, AG}, "all"),
    "customers:decide-doubt": Page({HO, AG}, "all", post=True),
    "customers:take-back-doubt": Page({HO, AG}, post=True),
    "customers:matching": Page({HO}),
    "customers:match-now": Page({HO}),
    "customers:matching-run": Page({HO}, "all"),
    "customers:where-from": Page({HO, AG}, "granted"),
    "customers:join": Page({HO, AG}, "granted"),
    "customers:join-with": Page({HO, AG}, "granted"),
    "customers:part": Page({HO, AG}, "granted"),
    "customers:household": Page(DESK | {PO}, "granted"),
    "customers:open-work": Page(DESK | {PO}, "granted"),
    "customers:watch": Page({HO, PO}, "granted"),
    "customers:review": Page({HO, PO}),
    "customers:finding": Page({HO, PO}, "all"),
    "customers:judge": Page({HO, PO}, "all"),
    "customers:watched": Page({HO, PO}),
    "customers:stop-watching": Page({HO, PO}, "all", post=True),
    "customers:figures": Page({HO, SM, FR}),
    "customers:barred": Page({HO}),
    "customers:bar": Page({HO}),
    "customers:barred-value": Page({HO}, "all"),
    "customers:release": Page({HO}, "all"),
    "privacy:requests": Page({PO}),
    "privacy:retention": Page({PO}),
    "privacy:retention-rule": Page({PO}),
    "privacy:try-term": Page({PO}),
    "privacy:set-term": Page({PO}),
    "privacy:register": Page({HO, AG, PO}, "granted"),
    "privacy:panel": Page({HO, AG, PO}, "granted"),
    "privacy:request": Page({HO, AG, PO}, "granted", also_all=frozenset({PO})),
    "privacy:correct": Page({HO, AG, PO}, "granted"),
    "privacy:hold": Page({PO}, "granted"),
    "privacy:end-hold": Page({PO}, "granted"),
    "privacy:end-restriction": Page({PO}, "granted"),
    "privacy:export": Page({PO}, "all"),
    "privacy:erase": Page({PO}, "all"),
    "privacy:restrict": Page({PO}, "all"),
    "privacy:open": Page({PO}, "all", post=True),
    "privacy:identity": Page({PO}, "all"),
    "privacy:extend": Page({PO}, "all"),
    "privacy:finish": Page({PO}, "all"),
    "privacy:refuse": Page({PO}, "all"),
    "privacy:take-back": Page({PO}, "all", post=True),
    "service:contacts": Page(DESK),
    "service:desk": Page({HO, AG}),
    "service:step": Page({HO, AG}, post=True),
    "service:new": Page(DESK),
    "service:topics": Page(DESK),
    "service:add-topic": Page({HO}),
    "service:change-topic": Page({HO}),
    "service:questions": Page(DESK),
    "service:question": Page(DESK, "store"),
    "service:answer": Page(DESK, "store"),
    "service:begin": Page({HO, AG}, "granted", post=True),
    "service:contact": Page(DESK, "store"),
    "guidance:policies": Page(DESK),
    "guidance:card": Page(DESK),
    "guidance:with": Page(DESK, "granted"),
    "guidance:policy": Page(DESK, "all"),
    "guidance:preview": Page(DESK, "all"),
    "guidance:data": Page(DESK, "all"),
    "guidance:draft": Page({HO}),
    "guidance:change": Page({HO}, "all"),
    "guidance:publish": Page({HO}, "all"),
    "guidance:discard": Page({HO}, "all"),
    "guidance:try": Page({HO}, "all"),
    "guidance:datum": Page({HO}, "all"),
    "guidance:add-rule": Page({HO}, "all"),
    "guidance:change-rule": Page({HO}, "all"),
    "guidance:drop-rule": Page({HO}, "all"),
    "service:compose": Page(DESK, "granted"),
    "service:log": Page(DESK, "granted", post=True),
    "loyalty:points": Page(DESK | {PO}, "granted"),
    "loyalty:standing": Page(DESK | {PO}, "granted"),
    "loyalty:new-card": Page({AG} | FLOOR),
    "loyalty:invitation": Page({AG} | FLOOR, "own"),
    "loyalty:card": Page(DESK | {PO}, "granted"),
    "loyalty:mail-card": Page({AG} | FLOOR, "granted"),
    "loyalty:stop-links": Page({AG} | FLOOR, "granted"),
    "tills:tickets": Page(MONEY),
    "inbox:quarantine": Page(MONEY),
    "inbox:quarantined": Page(MONEY, "store"),
    "inbox:try-again": Page({HO, SM, FR}, "store"),
    "inbox:mark-mended": Page({HO, SM, FR}, "store"),
    "webhooks:endpoints": Page({HO}),
    "webhooks:endpoint": Page({HO}, "all"),
    "webhooks:switch-off": Page({HO}, "all"),
    "webhooks:switch-on": Page({HO}, "all"),
    "webhooks:test": Page({HO}, "all"),
    "webhooks:deliveries": Page({HO}),
    "webhooks:delivery": Page({HO}, "all"),
    "webhooks:again": Page({HO}, "all"),
    "messaging:outbox": Page({HO}),
    "messaging:message": Page(DESK | {PO}, "granted", also_all=frozenset({HO})),
    "messaging:again": Page({HO}, "all", post=True),
}

# Pages for customers, without signing in: who has the address may open it, and it is signed where it shows anything of anybody.
PUBLIC = {
    "join:code",
    "join:form",
    "card:card",
    "card:wallet",
    "card:manifest",
    "card:say",
    "card:stop",
    "card:confirm",
    "card:worker",
    "consent:confirm",
    "consent:stop",
    "receipt:receipt",
}

# Addresses without a person's rows: health, sign-in and the library behind it, the API (tests/access/test_api_scopes.py).
NOT_PAGES = ("healthz", "readyz", "schema")

ROUTES = {r.name: r for r in routes() if not r.path.startswith(("account/", "api/")) and r.name not in NOT_PAGES}
CASES = [pytest.param(name, role, id=f"{name} {role}") for name in PAGES for role in Role]
# What a page may answer to whoever may open it: shown, done and on to the next, or refused in words.
OPENED = {200, HTMX_STOP_POLLING, 302, 303, 400, 409, 422}


pytestmark = pytest.mark.django_db


def test_every_page_is_decided_about():
    assert sorted(set(ROUTES) ^ (set(PAGES) | PUBLIC)) == []


def test_every_permission_is_somebodys_and_every_role_has_some():
    assert set(PERMISSIONS) == set(Role)
    assert all(PERMISSIONS.values())


# For one role, the roles taken in turn, whatever a page answers is drawn whole; for the others an error is a word and the second
# look a swap, since it is the frame around each page that takes the time.
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
    own = open_page(client, name, world.own(name, role))
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
