"""An act on many rows: said first, done row by row, told row by row."""

import re

import pytest

from apps.core.audit.models import Change
from apps.core.jobs.models import Job
from apps.core.jobs.running import run_job
from apps.network.models import Location
from apps.portal.pages import acting_on_many
from tests.portal.conftest import SWAP
from tests.portal.test_list_page import text_of

pytestmark = pytest.mark.urls("tests.portal.pages_for_tests")
MANY = "/t/many/?part=many"


def keys(*codes: str) -> list[int]:
    return list(Location.objects.filter(code__in=codes).values_list("pk", flat=True))


def names() -> dict[str, str]:
    return dict(Location.objects.values_list("code", "name"))


def test_rows_can_be_picked_by_whoever_may_act(as_user, chain):
    page = as_user(chain.head_office).get("/t/many/").content.decode()
    assert page.count('name="pick"') == 5
    assert 'aria-label="Select Haarlem"' in page
    assert re.findall(r'name="act" value="(\w+)"', page) == ["rename", "close", "pay"]
    assert re.findall(r'name="act" value="(\w+)"', as_user(chain.associate).get("/t/many/").content.decode()) == [
        "rename",
        "close",
    ]
    assert b'name="pick"' not in as_user(chain.head_office).get("/locations/").content  # nothing to do there


def test_the_effect_is_said_before_the_act(as_user, chain):
    before = names()
    response = as_user(chain.head_office).post(
        MANY, {"act": "rename", "pick": keys("S001", "S002", "DC-TI")}, headers=SWAP
    )
    said = text_of(response)
    assert "Rename 2?" in said
    assert "2 of 3 change. 2 names change" in said
    assert "1 left out: a distribution centre keeps its name" in said
    assert names() == before
    assert not Job.objects.exists()


def test_what_was_agreed_is_done_and_told(as_user, chain):
    # given a row that the service refuses
    Location.objects.filter(code="S002").update(name="taken already")
    client = as_user(chain.head_office)
    # when
    response = client.post(MANY, {"act": "rename", "pick": keys("S001", "S002", "DC-TI"), "sure": "2"})
    # then the rest is done
    assert names() | {"S001": "New", "S002": "taken already", "DC-TI": "DC Tiel"} == names()
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert (job.state, job.outcome) == ("done", "1 done. 1 passed over. 1 refused.")
    assert sorted(job.lines.values_list("text", flat=True)) == [
        "DC Tiel: a distribution centre keeps its name",
        "taken already: There is one already",
    ]


def test_all_that_match_means_the_filter_not_the_page(as_user, chain, monkeypatch):
    client = as_user(chain.head_office)
    said = text_of(client.post("/t/many/?kind=store&part=many", {"act": "rename", "all": "1"}))
    assert "Rename 4?" in said
    client.post("/t/many/?kind=store&part=many", {"act": "rename", "all": "1", "sure": "4"})
    assert set(names().values()) == {"New", "DC Tiel"}


def test_a_row_out_of_reach_is_not_among_them(as_user, chain):
    before = names()
    client = as_user(chain.franchise_owner)
    said = text_of(client.post(MANY, {"act": "rename", "pick": keys("S001", "S003")}))
    assert "1 of 1 change" in said
    client.post(MANY, {"act": "rename", "pick": keys("S001", "S003"), "sure": "1"})
    assert names() == before | {"S003": "New"}


def test_when_the_rows_changed_meanwhile_it_asks_again(as_user, chain):
    before = names()
    said = text_of(as_user(chain.head_office).post(MANY, {"act": "rename", "pick": keys("S001", "DC-TI"), "sure": "2"}))
    assert "The rows changed since you were asked" in said
    assert names() == before


@pytest.mark.parametrize("fields", [{}, {"act": "explode"}, {"act": "pay"}])
def test_an_act_one_may_not_do_is_no_act(as_user, chain, fields):
    assert as_user(chain.associate).post(MANY, {"pick": keys("S001"), "sure": "1", **fields}).status_code == 400


def test_nonsense_is_picked_by_nobody(as_user, chain):
    said = text_of(as_user(chain.head_office).post(MANY, {"act": "rename", "pick": ["x", "-1", "9" * 30, "²"]}))
    assert "Nothing is selected" in said


def test_too_many_are_refused_before_they_are_read(as_user, chain, monkeypatch):
    monkeypatch.setattr(acting_on_many, "MOST", 3)
    said = text_of(as_user(chain.head_office).post(MANY, {"act": "rename", "all": "1"}))
    assert "At most 3 rows go in one act" in said


def test_a_great_many_are_left_to_a_worker_which_asks_for_the_right_again(as_user, chain, monkeypatch):
    monkeypatch.setattr(acting_on_many, "AT_ONCE", 1)
    before = names()
    as_user(chain.franchise_owner).post(MANY, {"act": "rename", "all": "1", "sure": "2"})
    assert names() == before
    job = Job.objects.get()
    assert job.state == "queued"
    # given that the store went to somebody else before the worker came to it
    chain.gouda.ownerships.update(legal_entity=chain.own)
    # when
    run_job(job.key)
    # then
    assert names() == before | {"S004": "New"}
    job.refresh_from_db()
    assert job.outcome == "1 done. 1 passed over."


def test_who_closes_many_says_why_once_and_each_of_them_keeps_it(as_user, chain):
    Location.objects.update(offers_collect=True)
    client = as_user(chain.head_office)
    picked = {"act": "close", "pick": keys("S001", "S002")}
    asked = text_of(client.post(MANY, picked, headers=SWAP))
    assert 'name="reason"' in asked
    assert "Say why" not in asked  # nobody was asked yet
    # when they do not say
    refused = text_of(client.post(MANY, picked | {"sure": "2", "reason": "  "}))
    assert "Say why, in a few words." in refused
    assert not Job.objects.exists()
    # when they do
    client.post(MANY, picked | {"sure": "2", "reason": "Rebuilding"})
    kept = Change.objects.filter(object_type="location").values_list("object_key", "reason", "actor", "source")
    actor = f"user:{chain.head_office.pk}"
    assert sorted(kept) == [("S001", "Rebuilding", actor, "job"), ("S002", "Rebuilding", actor, "job")]
