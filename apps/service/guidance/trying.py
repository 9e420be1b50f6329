"""Trying a version out on conversations of late: which cards would read otherwise."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from apps.customers.models import SourceRecord
from apps.service.guidance.cards import Card, card_of, topics_from
from apps.service.guidance.choosing import Conversation
from apps.service.guidance.models import Policy
from apps.service.guidance.policies import terms_of
from apps.service.guidance.states import NOBODY, states_of
from apps.service.models import ContactMoment
from apps.service.tree import TopicTree

DAYS = 30
MOST = 1000


@dataclass(frozen=True)
class Change:
    """A kind of conversation that would be guided otherwise, how often it was held, and both cards."""

    number: int
    before: Card
    after: Card
    topic: Any
    channel: Any


@dataclass(frozen=True)
class TryOut:
    """`contacts` were gone through, of `of` in the period; `changed` of them would have had another card."""

    since: dt.date
    contacts: int
    of: int
    changed: int
    changes: list[Change]


def try_out(*, policy: Policy, against: Policy | None, moments: QuerySet[ContactMoment]) -> TryOut:
    """Read the newest of these contacts by a version and by another one. What holds of each customer is as it is today, by what
    each version means by new, lapsed and an open complaint."""
    prefetch_related_objects([version for version in (policy, against) if version], "rules")
    since = timezone.localdate() - dt.timedelta(days=DAYS)
    recent = moments.filter(business_date__gte=since).order_by("-occurred_at", "-id")
    of = recent.count()
    read: list[Any] = list(recent.values_list("source_record", "channel", "topic")[:MOST])
    people = _people({record for record, _channel, _topic in read if record is not None})
    after_states, before_states = (
        states_of(people, terms=terms_of(version)) if version else {} for version in (policy, against)
    )
    customer_of = {record: customer for customer, own in people.items() for record in own}
    counted = Counter(
        (before_states.get(whose, (NOBODY,)), after_states.get(whose, (NOBODY,)), channel, topic)
        for record, channel, topic in read
        for whose in [customer_of.get(record, 0)]
    )
    tree = TopicTree.read()
    named = {topic.code: topic for topic in tree.topics}
    changes = []
    for (states, new_states, channel, topic), number in counted.items():
        topics = topics_from(topic, tree)
        before = card_of(against, Conversation(states=states, channel=channel, topics=topics))
        after = card_of(policy, Conversation(states=new_states, channel=channel, topics=topics))
        if before.words != after.words:
            word = ContactMoment.Channel(channel).label
            changes.append(Change(number, before, after, named.get(topic, topic), word))
    changes.sort(key=lambda change: (-change.number, str(change.topic), str(change.channel)))
    return TryOut(since, len(read), of, sum(change.number for change in changes), changes)


def _people(records: set[int]) -> dict[int, list[int]]:
    """The customers of these records, each with all their records."""
    customers = SourceRecord.objects.filter(pk__in=records).values("customer")
    people: dict[int, list[int]] = {}
    for customer, record in SourceRecord.objects.filter(customer__in=customers).values_list("customer_id", "pk"):
        people.setdefault(customer, []).append(record)
    return people
