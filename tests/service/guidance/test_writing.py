"""Versions: drafted, published for good, readable for ever."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import Conflict, InvalidInput
from apps.core.events.models import Event
from apps.customers.discretion import Tags
from apps.portal.discretion import Tag
from apps.service.guidance.models import DatumRule, GuidanceRule, Policy
from apps.service.guidance.policies import policy_in_force
from apps.service.guidance.writing import (
    change_policy,
    discard_draft,
    draft_policy,
    drop_rule,
    publish_policy,
    put_rule,
    put_tags,
)

pytestmark = pytest.mark.django_db

Publish = Callable[..., Policy]
HI = {"say": {"nl": "Hallo"}}


def test_a_draft_begins_as_the_version_before_and_is_seen_by_nobody(
    publish: Publish, make_user: Callable[..., User]
) -> None:
    # given
    first = publish(("Greet", "Hallo", {"channels": ["phone"]}))

    # when
    draft = draft_policy(valid_from=timezone.localdate(), note="Shorter")
    put_tags(policy=draft, datum="customers.email", tags={("", "service"): "open"})

    # then
    assert (draft.number, [rule.name for rule in draft.rules.all()]) == (2, ["Greet"])
    assert policy_in_force() == first
    assert Tags(purpose="service")("customers.email") == Tag.DISCREET
    agent, boss = make_user("service_agent"), make_user("head_office")
    assert list(Policy.objects.visible_to(agent)) == [first]
    assert list(Policy.objects.visible_to(boss)) == [draft, first]


def test_there_is_one_draft_at_a_time(publish: Publish) -> None:
    # given
    publish(("Greet", "Hallo", {}), publishes=False)

    # then
    with pytest.raises(Conflict):
        draft_policy(valid_from=timezone.localdate())


def test_who_published_when_and_from_when_is_kept(publish: Publish, make_user: Callable[..., User]) -> None:
    # given
    boss = make_user("head_office")
    draft = publish(("Greet", "Hallo", {}), publishes=False)

    # when
    policy = publish_policy(policy=draft, principal=boss)

    # then
    assert (policy.published_by, policy.is_published) == (f"user:{boss.pk}", True)
    assert Event.objects.get(topic="policy.published").payload["version"] == policy.number


@pytest.mark.parametrize("way", ["rule", "new rule", "gone rule", "tag", "note", "gone"])
def test_the_database_lets_nobody_change_what_was_published(publish: Publish, way: str) -> None:
    # given
    draft = publish(("Greet", "Hallo", {}), publishes=False)
    put_tags(policy=draft, datum="customers.email", tags={("", ""): "hidden"})
    policy = publish_policy(policy=draft, principal=None)
    acts: dict[str, Any] = {
        "rule": lambda: GuidanceRule.objects.update(name="Other"),
        "new rule": lambda: GuidanceRule.objects.create(policy=policy, position=9, name="New"),
        "gone rule": lambda: GuidanceRule.objects.all().delete(),
        "tag": lambda: DatumRule.objects.update(tag="open"),
        "note": lambda: Policy.objects.update(note="Other"),
        "gone": lambda: Policy.objects.filter(pk=policy.pk).delete(),
    }

    # then
    with pytest.raises(DatabaseError), transaction.atomic():
        acts[way]()


def test_a_rule_of_a_draft_cannot_be_moved_into_what_was_published(publish: Publish) -> None:
    # given
    policy = publish(("Greet", "Hallo", {}))
    draft = draft_policy(valid_from=timezone.localdate())

    # then
    with pytest.raises(DatabaseError), transaction.atomic():
        GuidanceRule.objects.filter(policy=draft).update(policy=policy, position=9)


def test_services_refuse_it_with_words(publish: Publish) -> None:
    # given
    policy = publish(("Greet", "Hallo", {}))

    # then
    for act in (
        lambda: put_rule(policy=policy, name="New", texts=HI),
        lambda: drop_rule(rule=policy.rules.get()),
        lambda: put_tags(policy=policy, datum="customers.email", tags={}),
        lambda: publish_policy(policy=policy, principal=None),
        lambda: discard_draft(policy=policy),
        lambda: change_policy(
            policy=policy, valid_from=policy.valid_from, note="", new_days=1, lapsed_days=2, complaint_days=1
        ),
    ):
        with pytest.raises(Conflict):
            act()


def test_it_holds_from_its_day_on_and_the_one_before_stays_readable(publish: Publish) -> None:
    # given
    today = timezone.localdate()
    old = publish(("Greet", "Hallo", {}))
    new = publish(("Greet", "Goedendag", {}), valid_from=today + dt.timedelta(days=3))

    # then
    assert policy_in_force() == old
    with time_machine.travel(timezone.now() + dt.timedelta(days=3)):
        assert policy_in_force() == new
    assert [rule.say["nl"] for rule in old.rules.all()] == ["Hallo"]


@pytest.mark.usefixtures("in_english")
def test_what_was_said_before_is_not_ruled_afterwards(publish: Publish) -> None:
    # given
    today = timezone.localdate()
    yesterday = publish(("Greet", "Hallo", {}), publishes=False, valid_from=today - dt.timedelta(days=1))
    with pytest.raises(Conflict, match="today or later"):
        publish_policy(policy=yesterday, principal=None)
    discard_draft(policy=yesterday)

    # when
    publish(("Greet", "Hallo", {}), valid_from=today + dt.timedelta(days=9))
    sooner = publish(("Greet", "Hallo", {}), publishes=False, valid_from=today + dt.timedelta(days=2))

    # then
    with pytest.raises(Conflict, match="begins on"):
        publish_policy(policy=sooner, principal=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"texts": {}},
        {"texts": {"say": {"nl": "  "}}},
        {"state": "rich", "texts": HI},
        {"channels": ["fax"], "texts": HI},
    ],
)
def test_a_rule_that_says_nothing_or_means_nothing_is_refused(publish: Publish, wrong: dict[str, Any]) -> None:
    # given
    draft = publish(publishes=False)

    # then
    with pytest.raises(InvalidInput):
        put_rule(policy=draft, name="Wrong", **wrong)


def test_rules_keep_their_places_in_one_row(publish: Publish) -> None:
    # given
    draft = publish(("A", "a", {}), ("B", "b", {}), ("C", "c", {}), publishes=False)

    # when
    put_rule(policy=draft, name="C", position=3, place=1, texts=HI)
    names = [rule.name for rule in draft.rules.order_by("position")]
    drop_rule(rule=draft.rules.get(name="A"))

    # then
    assert names == ["C", "A", "B"]
    assert [(rule.position, rule.name) for rule in draft.rules.order_by("position")] == [(1, "C"), (2, "B")]
