import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.core.errors import Conflict, InvalidInput
from apps.franchise.models import RuleSet
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from tests.franchise.chain import HEAD_OFFICE, WATERFALL
from tests.staff import person

pytestmark = pytest.mark.django_db


def draft(version="v1", valid_from=dt.date(2020, 1, 1), waterfall=WATERFALL):
    return draft_rule_set(version=version, name="Contract A", waterfall=waterfall, valid_from=valid_from)


def test_publishing_notes_who_and_when():
    # given
    head_office = person("Mirjam", HEAD_OFFICE)
    # when
    published = publish_rule_set(rule_set=draft(), principal=head_office)
    # then
    assert published.published_by == f"user:{head_office.pk}"
    assert published.published_at is not None


def test_a_published_rule_set_cannot_be_changed_or_deleted():
    # given
    published = publish_rule_set(rule_set=draft(), principal=None)
    # then
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleSet.objects.filter(pk=published.pk).update(waterfall=["residual"])
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleSet.objects.filter(pk=published.pk).delete()


def test_a_draft_can_still_be_changed():
    # given
    made = draft()
    # when
    made.name = "Contract B"
    made.save()
    # then
    assert RuleSet.objects.get().name == "Contract B"


def test_later_rules_start_tomorrow_at_the_earliest():
    # given
    publish_rule_set(rule_set=draft(), principal=None)
    today = draft("v2", timezone.localdate())
    tomorrow = draft("v3", timezone.localdate() + dt.timedelta(days=1))
    # then
    with pytest.raises(Conflict) as refused:
        publish_rule_set(rule_set=today, principal=None)
    assert refused.value.code == "starts_in_the_past"
    assert publish_rule_set(rule_set=tomorrow, principal=None).published_at


def test_two_rule_sets_cannot_start_on_one_day():
    # given
    publish_rule_set(rule_set=draft(), principal=None)
    day = timezone.localdate() + dt.timedelta(days=3)
    publish_rule_set(rule_set=draft("v2", day), principal=None)
    # then
    with pytest.raises(Conflict) as refused:
        publish_rule_set(rule_set=draft("v3", day), principal=None)
    assert refused.value.code == "day_taken"


def test_publishing_twice_is_refused():
    # given
    published = publish_rule_set(rule_set=draft(), principal=None)
    # then
    with pytest.raises(Conflict) as refused:
        publish_rule_set(rule_set=published, principal=None)
    assert refused.value.code == "already_published"


@pytest.mark.parametrize(
    "waterfall",
    [[], ["collect"], ["residual", "collect"], ["collect", "collect", "residual"], ["moon", "residual"]],
)
def test_a_waterfall_names_each_kind_once_and_ends_at_head_office(waterfall):
    with pytest.raises(InvalidInput) as refused:
        draft(waterfall=waterfall)
    assert refused.value.code == "invalid_waterfall"


def test_a_version_is_used_once():
    # given
    draft()
    # then
    with pytest.raises(Conflict) as refused:
        draft()
    assert refused.value.code == "version_taken"
