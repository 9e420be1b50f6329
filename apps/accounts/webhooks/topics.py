"""What can be told. Each app contributes its topics in its `webhooks.py`; the mechanism knows none of them.

contribute(Topic("order.updated", events={"order.placed", …}, permission="orders.view", documents=…))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.models import ApiClient
from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.core.reach import reach_of

Document = dict[str, Any]


def _second_only(first: Document, second: Document) -> Document:
    return second


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic of webhooks, and what it is told from.

    `documents(client, wanted)` gives per object what the client is told of it: the object as it is now, as the API would show
    it to that client but without personal data; objects out of its reach are left out. `wanted` has a value for each
    object: the events that led to it, or whatever the app hands to `queueing.tell`. Without `events` the app calls that
    itself. A topic that `merges` has one waiting message per object, which takes up what is told next by `merged`.
    """

    name: str
    permission: str
    documents: Callable[[ApiClient, Mapping[str, Any]], Mapping[str, Document]]
    events: frozenset[str] = frozenset()
    merges: bool = False
    merged: Callable[[Document, Document], Document] = _second_only

    def is_open_to(self, client: ApiClient) -> bool:
        return client.is_active and reach_of(client).may(self.permission)


_topics: dict[str, Topic] = {}


def contribute(topic: Topic) -> None:
    """Add a topic. One that is told from events reads the log under a cursor of its own."""
    if topic.name in _topics:
        raise ValueError(f"two topics are called {topic.name}")
    _topics[topic.name] = topic
    if topic.events:
        subscriber(f"webhooks.{topic.name}", topics=set(topic.events))(_reader_of(topic))


def topic_called(name: str) -> Topic | None:
    return _topics.get(name)


def topic_names() -> list[str]:
    return sorted(_topics)


def _reader_of(topic: Topic) -> Callable[[Sequence[Event]], None]:
    def tell_of_events(events: Sequence[Event]) -> None:
        from apps.accounts.webhooks.queueing import tell_events  # which knows topics

        tell_events(topic, events)

    return tell_of_events
