"""The audit trail on the page of an object."""

import ast
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.acting import Act, Source, acting
from apps.core.events.log import Happened, record
from apps.network.models import Location, Ownership
from apps.portal.registry import contributed
from tests.portal.conftest import SWAP
from tests.portal.test_list_page import text_of

TRAIL = "/locations/S001/?part=audit"


def changed(person, **fields) -> None:
    with acting(Act(Source.PAGE, lambda: person, request="r-42", reason="New front door")):
        Location.objects.filter(code="S001").update(**fields)


def test_who_what_why_and_in_which_request(as_user, chain):
    changed(chain.head_office, city="Heemstede", offers_collect=False)
    told = re.sub(r"<[^>]+>", " ", text_of(as_user(chain.associate).get(TRAIL, headers=SWAP)))
    told = " ".join(told.split())
    assert "Location changed Mirjam Vos · page" in told
    assert "City Haarlem → Heemstede" in told
    assert "Offers collect yes → no" in told or "yes → no" in told
    assert "New front door" in told
    assert "Request r-42" in told


def test_values_that_point_at_something_are_said_by_name(as_user, chain):
    with acting(Act(Source.API, lambda: chain.finance)):
        Ownership.objects.filter(location=chain.haarlem).update(legal_entity=chain.franchisee)
    page = text_of(as_user(chain.head_office).get(TRAIL, headers=SWAP))
    assert "<del>Moswijk B.V.</del>" in page
    assert "<ins>Bakker Retail</ins>" in page
    assert "Frits Kas · API" in page


def test_events_stand_in_it_too(as_user, chain):
    with acting(Act(Source.JOB, lambda: chain.head_office)):
        record(
            Happened(
                topic="stock.changed", object_type="location", object_key="S001", occurred_at=timezone.now(), payload={}
            )
        )
    page = text_of(as_user(chain.head_office).get(TRAIL, headers=SWAP))
    assert "<b>Stock moved</b>" in page
    assert "Mirjam Vos · job" in page


def test_it_opens_on_the_page_and_stands_alone_without_scripts(as_user, chain):
    client = as_user(chain.head_office)
    assert 'hx-get="?part=audit"' in client.get("/locations/S001/").content.decode()
    assert "Nothing has been changed" in text_of(client.get(TRAIL))
    assert b"<!doctype html>" in client.get(TRAIL).content
    assert b"<!doctype html>" not in client.get(TRAIL, headers=SWAP).content


def test_the_trail_of_what_is_out_of_reach_is_not_there(as_user, chain):
    assert as_user(chain.franchise_owner).get(TRAIL).status_code == 404


def test_older_entries_come_in_pages_with_as_many_queries(as_user, chain):
    client = as_user(chain.head_office)
    for number in range(25):
        changed(chain.head_office, name=f"Name {number}")
    with CaptureQueriesContext(connection) as captured:
        first = client.get(TRAIL, headers=SWAP).content.decode()
    assert len(captured) <= 8
    assert first.count("<ins>") == 20
    older = re.search(r'href="(\?part=audit&amp;before=[^"]+)"', first)[1].replace("&amp;", "&")
    assert client.get(f"/locations/S001/{older}", headers=SWAP).content.decode().count("<ins>") == 5


@pytest.mark.parametrize("before", ["x", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "%00"])
def test_a_made_up_place_in_the_trail_is_its_beginning(as_user, chain, before):
    changed(chain.head_office, name="Spaarndam")
    page = as_user(chain.head_office).get(f"{TRAIL}&before={before}", headers=SWAP)
    assert page.status_code == 200
    assert "<ins>Spaarndam</ins>" in page.content.decode()


@pytest.mark.parametrize("name", ["1234-56-78", "2026-99-99 Actie", "2026-01-01T00:00:00"])
def test_a_name_that_looks_like_a_day_is_told_as_it_is(as_user, chain, name):
    changed(chain.head_office, name=name)
    assert f"<ins>{name}</ins>" in as_user(chain.head_office).get(TRAIL, headers=SWAP).content.decode()


def topics_recorded() -> set[str]:
    """The topics that the apps record: what is handed to `Happened`, or to a function that hands its `topic` on."""
    nodes = [node for module in Path("apps").rglob("*.py") for node in ast.walk(ast.parse(module.read_text()))]
    hand_on = {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef) and "topic" in {argument.arg for argument in node.args.args}
    }
    calls = [n for n in nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") in {"Happened", *hand_on}]
    given = [value for call in calls for value in (*call.args, *(word.value for word in call.keywords))]
    texts = {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    return {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}


def test_every_event_has_words():
    topics = topics_recorded()
    assert {"order.placed", "price.changed", "return.announced", "recall.started"} <= topics
    assert {topic for topic in topics if contributed.words_for(topic) == topic} == set()


# --- why, and the whole of it as a file ----------------------------------------------------------------------------------


@pytest.mark.urls("tests.portal.pages_for_tests")
def test_an_act_that_asks_why_is_not_done_without(as_user, chain):
    Location.objects.update(offers_collect=True)
    client = as_user(chain.head_office)
    dialog = text_of(client.get("/t/S001/close/", headers=SWAP))
    assert '<label for="why-reason">Reason' in dialog
    assert "required" in dialog
    refused = client.post("/t/S001/close/", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why, in a few words." in text_of(refused)
    assert Location.objects.get(code="S001").offers_collect
    assert client.post("/t/S001/close/", {"reason": "The <lift> is stuck"}).status_code == 302
    assert not Location.objects.get(code="S001").offers_collect
    assert "The &lt;lift&gt; is stuck" in text_of(client.get(TRAIL, headers=SWAP))


def test_the_whole_trail_can_be_saved_as_a_file(as_user, chain):
    for number in range(25):
        changed(chain.head_office, name=f"=Name {number}")
    client = as_user(chain.head_office)
    assert 'href="?part=audit&amp;format=csv"' in text_of(client.get(TRAIL, headers=SWAP))
    answer = client.get(f"{TRAIL}&format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="location-s001-')
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "When;What;Who;Through;Field;Was;Is;Reason;Request"
    assert len(lines) == 26
    assert "Mirjam Vos;page;Name;'=Name 23;'=Name 24;New front door;r-42" in lines[1]
    assert as_user(chain.franchise_owner).get(f"{TRAIL}&format=csv").status_code == 404
