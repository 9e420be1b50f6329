"""Setting how long data is kept: tried out first, then in force, then done at night."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict, InvalidInput
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.customers.models import RetentionCall, RetentionRun, RetentionTerm
from apps.customers.rights.retention import letting_go
from apps.customers.rights.retention.deciding import decide, try_out
from apps.customers.rights.retention.letting_go import LEASE, carry_out, let_go_if_due
from apps.customers.rights.retention.rules import Words, rules
from apps.messages.models import Message
from tests.customers.terms import NOON, YEAR, met, said, text_of, the

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_a_term_is_put_in_force_after_it_was_tried_out() -> None:
    # given
    rule = the("conversations")

    # when, then
    with pytest.raises(Conflict) as refusal:
        decide(rule=rule, months=24, is_on=True, reason="Guarantee", principal=None)
    assert refusal.value.faults[0].attr == "months"
    try_out(rule=rule, months=36, principal=None)
    with pytest.raises(Conflict):  # other months
        decide(rule=rule, months=24, is_on=True, reason="Guarantee", principal=None)
    for months, reason in ((2, "Short"), (36, "  ")):
        with pytest.raises(InvalidInput):
            decide(rule=rule, months=months, is_on=True, reason=reason, principal=None)
    decide(rule=rule, months=36, is_on=True, reason="Guarantee", principal=None)
    decide(rule=rule, months=24, is_on=False, reason="Not now", principal=None)  # ending needs no trial
    assert list(RetentionTerm.objects.order_by("pk").values_list("months", "is_on")) == [(36, True), (24, False)]


def test_a_trial_of_last_month_is_too_old(now: Any) -> None:
    try_out(rule=the("mails"), months=24, principal=None)
    now.move_to(NOON + dt.timedelta(days=8))
    with pytest.raises(Conflict):
        decide(rule=the("mails"), months=24, is_on=True, reason="Guarantee", principal=None)


def test_the_night_does_what_is_in_force_once(now: Any) -> None:
    # given: one in force, one ended, the rest undecided
    moment, mail = said(met("1"), at=NOON - 3 * YEAR), NOON
    RetentionTerm.objects.create(rule="conversations", months=24, is_on=True, reason="r", decided_by="user:1")
    RetentionTerm.objects.create(rule="customers", months=12, is_on=True, reason="r", decided_by="user:1")
    RetentionTerm.objects.create(rule="customers", months=12, is_on=False, reason="r", decided_by="user:1")
    RetentionTerm.objects.create(
        rule="a rule of an older version", months=12, is_on=True, reason="r", decided_by="user:1"
    )

    # when
    by_day = let_go_if_due()
    now.move_to(mail.replace(hour=2) + dt.timedelta(days=1))
    at_night, again = let_go_if_due(), let_go_if_due()

    # then
    assert (by_day, [run.rule for run in at_night], again) == ([], ["conversations"], [])
    assert text_of(moment) == ""
    assert [run.asked_by for run in at_night] == ["system"]


def test_what_the_night_had_no_time_for_is_gone_on_with(now: Any) -> None:
    # given
    for days in (800, 900):
        said(met(str(days)), at=NOON - dt.timedelta(days=days))
    RetentionTerm.objects.create(rule="conversations", months=24, is_on=True, reason="r", decided_by="user:1")
    now.move_to(NOON.replace(hour=2) + dt.timedelta(days=1))

    # when: no time at all, then the clock calls again
    cut_off = carry_out(the("conversations"), 24, until=timezone.now() - dt.timedelta(minutes=1))
    [next_one] = let_go_if_due()

    # then
    assert ((cut_off.rows, cut_off.left), (next_one.rows, next_one.left)) == ((0, 2), (2, 0))


def test_the_officer_tries_a_term_out_and_puts_it_in_force(
    make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    page = browse(make_user("privacy_officer"))
    said(met("1"), at=NOON - 3 * YEAR)
    address = {
        name: reverse(f"privacy:{name}", args=["conversations"]) for name in ("retention-rule", "try-term", "set-term")
    }

    # when
    untried = page.post(address["set-term"], {"months": 24, "is_on": "on", "reason": "Guarantee"})
    too_short = page.post(address["try-term"], {"months": 2})
    page.post(address["try-term"], {"months": 24})
    waiting = page.get(address["retention-rule"]).content.decode()
    run_job(Job.objects.get(kind="privacy.try_term").key)
    tried = page.get(address["retention-rule"]).content.decode()
    page.post(address["set-term"], {"months": 24, "is_on": "on", "reason": "Guarantee"})
    decided = page.get(address["retention-rule"]).content.decode()

    # then
    assert (untried.status_code, "Try these months out first" in untried.content.decode()) == (409, True)
    assert (too_short.status_code, "Keep it for 3 months at least." in too_short.content.decode()) == (400, True)
    assert "Not tried out yet" in waiting
    assert "What 2 years would come to" in tried
    assert "Not decided" in tried
    assert "Terpstra" not in tried
    assert "In force" in decided
    assert "Guarantee" in decided
    assert page.get(reverse("privacy:retention-rule", args=["nothing"])).status_code == 404


def test_the_list_of_rules_asks_the_database_the_same_however_many_runs_there_are(
    make_user: Callable[..., User], browse: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    page = browse(make_user("privacy_officer"))
    page.get(reverse("privacy:retention"))
    for rule in rules():
        for _n in range(3):
            RetentionRun.objects.create(
                rule=rule.code, months=24, before=NOON, is_trial=False, rows=3, asked_by="system"
            )
    with django_assert_max_num_queries(12):
        shown = page.get(reverse("privacy:retention")).content.decode()
    assert shown.count("Not decided") == len(rules())


def test_one_rule_that_cannot_be_carried_out_stops_no_other(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: of two rules in force the first meets a database that gives up
    moment = said(met("1"), at=NOON - 3 * YEAR)
    for rule in ("mails", "conversations"):
        RetentionTerm.objects.create(rule=rule, months=24, is_on=True, reason="r", decided_by="user:1")
    Message.objects.create(
        template="receipt", dedupe_key="1", address="f@example.org", status="sent", queued_at=NOON - 3 * YEAR
    )
    now.move_to(NOON.replace(hour=2) + dt.timedelta(days=1))
    given_up = Words.let_go

    def let_go(part: Words, keys: Any, before: dt.datetime) -> tuple[int, int]:
        if part.model is Message:
            raise OperationalError("canceling statement due to lock timeout")
        return given_up(part, keys, before)

    monkeypatch.setattr(Words, "let_go", let_go)

    # when
    runs = let_go_if_due()

    # then: it is written down as left, and done the next time
    assert [(run.rule, run.rows, run.left) for run in runs] == [("mails", 0, 1), ("conversations", 1, 0)]
    assert text_of(moment) == ""
    monkeypatch.undo()
    assert [(run.rule, run.rows) for run in let_go_if_due()] == [("mails", 1)]


def test_a_call_leaves_alone_what_another_is_still_at(now: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a batch that takes longer than until the clock calls again
    moment = said(met("1"), at=NOON - 3 * YEAR)
    RetentionTerm.objects.create(rule="conversations", months=24, is_on=True, reason="r", decided_by="user:1")
    now.move_to(NOON.replace(hour=2) + dt.timedelta(days=1))
    let_go, beside = Words.let_go, []

    def slowly(part: Words, keys: Any, before: dt.datetime) -> tuple[int, int]:
        now.shift(dt.timedelta(minutes=40))
        beside.append(let_go_if_due())
        return let_go(part, keys, before)

    monkeypatch.setattr(Words, "let_go", slowly)

    # when
    runs = let_go_if_due()

    # then
    assert (beside, [run.rows for run in runs], text_of(moment)) == ([[]], [1], "")
    assert not RetentionCall.objects.exists()


def test_a_worker_that_was_killed_is_taken_over_after_a_while(now: Any) -> None:
    # given
    said(met("1"), at=NOON - 3 * YEAR)
    RetentionTerm.objects.create(rule="conversations", months=24, is_on=True, reason="r", decided_by="user:1")
    now.move_to(NOON.replace(hour=1) + dt.timedelta(days=1))
    RetentionCall.objects.create(began_at=timezone.now())

    # when
    now.shift(LEASE - dt.timedelta(minutes=1))
    too_soon = let_go_if_due()
    now.shift(dt.timedelta(minutes=1))

    # then
    assert (too_soon, [run.rows for run in let_go_if_due()]) == ([], [1])


@pytest.mark.django_db(transaction=True)
def test_of_many_calls_at_once_one_works() -> None:
    def begin(_n: int) -> bool:
        try:
            return letting_go.begin(timezone.now()) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(8))) == 1
