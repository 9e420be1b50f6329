"""The topics as one tree, read at once: there are dozens of them, not thousands."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from apps.service.models import Topic

OTHER = "other"


@dataclass(frozen=True)
class TopicTree:
    """All topics in their order, each parent before its parts."""

    topics: list[Topic]

    @classmethod
    def read(cls) -> "TopicTree":
        return cls(list(Topic.objects.order_by("order", "code")))

    @cached_property
    def _parts(self) -> dict[int | None, list[Topic]]:
        parts: dict[int | None, list[Topic]] = {}
        for topic in self.topics:
            parts.setdefault(topic.parent_id, []).append(topic)
        return parts

    def parts_of(self, topic: Topic | None) -> list[Topic]:
        return self._parts.get(topic.pk if topic else None, [])

    def branches(self, day: dt.date | None = None) -> list[tuple[Topic, list[Topic]]]:
        """Each topic at the top with its parts; of one day only those that something can be about then."""
        tops = [(top, self.parts_of(top)) for top in self.parts_of(None)]
        if day is None:
            return tops
        return [
            (top, [part for part in parts if part.is_active_on(day)]) for top, parts in tops if top.is_active_on(day)
        ]

    def choices(self, day: dt.date | None = None) -> list[tuple[Any, Any]]:
        """What can be chosen, as a form takes it: a topic with parts is a group, of which it is itself the first."""
        choices: list[tuple[Any, Any]] = []
        for top, parts in self.branches(day):
            own = (top.code, top.name)
            choices.append((top.name, [own, *((part.code, part.name) for part in parts)]) if parts else own)
        return choices

    def codes_under(self, code: str) -> list[str]:
        """A topic and its parts, by their codes; of one that nobody knows just that."""
        found = next((topic for topic in self.topics if topic.code == code), None)
        return [code, *(part.code for part in self.parts_of(found))] if found else [code]

    def called(self, word: str, *, day: dt.date | None = None) -> Topic | None:
        """The topic that a system means by a word: its code, what else it is called, or its name in any language."""
        meant, on = word.strip().casefold(), day or timezone.localdate()
        active = [topic for topic in self.topics if topic.is_active_on(on)]
        for spelled in (lambda t: (t.code,), lambda t: t.words, lambda t: t.names.values()):
            found = next((topic for topic in active if meant in _folded(spelled(topic))), None)
            if found is not None:
                return found
        return None


def filed(word: str) -> str:
    """The code of the topic under which a system's word is filed: the one it means, else "other", for head office to sort.

    What was said is never lost over a word that nobody here knows.
    """
    meant = TopicTree.read().called(word)
    return meant.code if meant else OTHER


def _folded(words: Iterable[Any]) -> set[str]:
    return {str(word).casefold() for word in words}
