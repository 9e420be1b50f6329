"""Which rules speak. It asks nothing of the database, so that a draft is tried out and an old version read by the same code.

**Which rule wins.** For every state that holds of the customer one rule speaks, and one of those for any customer. Of several
that hold it is the one that names the topic most closely (its part before the topic it is part of, that before any topic); of
those the one that names the channel; of those the first in the list. The states speak in order of urgency, the rule for any
customer last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

ANYBODY = ""
"""The state of a rule that holds for any customer."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """When a rule holds; `position` is its place in the list, by which it goes."""

    position: int
    state: str = ANYBODY
    channels: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What is known of a conversation: what holds of the customer, the channel if it is chosen, and the topic with what it is
    part of, the closest first."""

    states: tuple[str, ...] = ()
    channel: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """The rule that speaks for a state, and those that hold as well and gave way, the closest first."""

    rule: Condition
    gave_way: list[Condition] = field(default_factory=list)


def holds(rule: Condition, said: Conversation) -> bool:
    """Whether every condition of a rule is met. A channel or topic that is not chosen yet meets none."""
    return (
        (not rule.state or rule.state in said.states)
        and (not rule.channels or said.channel in rule.channels)
        and (not rule.topic or rule.topic in said.topics)
    )


def choose(rules: Sequence[Condition], said: Conversation) -> list[Spoken]:
    """The rules that speak, in the order in which they are read."""
    spoken = []
    for state in (*said.states, ANYBODY):
        of_state = sorted((rule for rule in rules if rule.state == state and holds(rule, said)), key=_nearness(said))
        if of_state:
            spoken.append(Spoken(of_state[0], of_state[1:]))
    return spoken


def _nearness(said: Conversation) -> Callable[[Condition], tuple[int, int, int]]:
    """What comes first: how far the topic is, then whether a channel is named, then the place in the list."""

    def place(rule: Condition) -> tuple[int, int, int]:
        far = said.topics.index(rule.topic) if rule.topic else len(said.topics)
        return far, 0 if rule.channels else 1, rule.position

    return place


def why_gave_way(winner: Condition, loser: Condition, said: Conversation) -> str:
    """By what a rule was passed over: "topic", "channel" or "order"."""
    place = _nearness(said)
    for reason, first, second in zip(("topic", "channel", "order"), place(winner), place(loser), strict=True):
        if first != second:
            return reason
    return "order"
