"""Which rule speaks: asked of no database."""

from typing import Any

import pytest

from apps.service.guidance.choosing import Condition, Conversation, choose, why_gave_way


def rule(position: int, **conditions: Any) -> Condition:
    return Condition(position=position, **conditions)


@pytest.mark.parametrize(
    ("rules", "spoken"),
    [
        pytest.param([rule(1)], [1], id="a rule without conditions always speaks"),
        pytest.param([rule(1), rule(2)], [1], id="of two as close the first in the list"),
        pytest.param(
            [rule(1), rule(2, channels=("phone",))], [2], id="one that names the channel before one that does not"
        ),
        pytest.param([rule(1, channels=("store",))], [], id="another channel"),
        pytest.param([rule(1, channels=("phone",)), rule(2, topic="order")], [2], id="the topic before the channel"),
        pytest.param([rule(1, topic="order"), rule(2, topic="late")], [2], id="a part before what it is part of"),
        pytest.param([rule(1, topic="order")], [1], id="a topic holds for its parts"),
        pytest.param([rule(1, topic="missing")], [], id="not for another part"),
        pytest.param([rule(1), rule(2, state="existing")], [2, 1], id="one for a state and one for any customer"),
        pytest.param(
            [rule(1), rule(2, state="existing"), rule(3, state="complaint")],
            [3, 2, 1],
            id="the most urgent state first",
        ),
        pytest.param([rule(1, state="lapsed")], [], id="a state that does not hold"),
        pytest.param(
            [rule(1, state="existing"), rule(2, state="existing", topic="late")],
            [2],
            id="one for each state, the closest",
        ),
    ],
)
def test_for_each_state_the_closest_rule_speaks(rules: list[Condition], spoken: list[int]) -> None:
    # given
    said = Conversation(states=("complaint", "existing"), channel="phone", topics=("late", "order"))

    # then
    assert [each.rule.position for each in choose(rules, said)] == spoken


@pytest.mark.parametrize(
    ("loser", "why"),
    [
        (rule(1, topic="order"), "topic"),
        (rule(1, channels=("phone",)), "topic"),
        (rule(1, topic="late"), "channel"),
        (rule(3, topic="late", channels=("phone",)), "order"),
    ],
)
def test_who_gave_way_is_told_by_what(loser: Condition, why: str) -> None:
    # given
    said = Conversation(channel="phone", topics=("late", "order"))
    winner = rule(2, topic="late", channels=("phone",))

    # when
    [spoken] = choose([loser, winner], said)

    # then
    assert (spoken.rule, spoken.gave_way) == (winner, [loser])
    assert why_gave_way(winner, loser, said) == why


def test_what_is_not_chosen_yet_meets_no_condition() -> None:
    # given
    rules = [rule(1, channels=("phone",)), rule(2, topic="order")]

    # then
    assert choose(rules, Conversation(states=("existing",))) == []
