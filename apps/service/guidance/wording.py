"""Rules in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.roles import Role
from apps.customers.discretion import TagRule, Tags
from apps.customers.services.lookup import Purpose
from apps.portal.discretion import Datum, Tag
from apps.portal.registry import contributed
from apps.service.guidance.cards import Card
from apps.service.guidance.choosing import why_gave_way
from apps.service.guidance.models import GuidanceRule
from apps.service.guidance.standard import is_standard, standard_rules
from apps.service.guidance.states import known_states, label_of
from apps.service.models import ContactMoment


def conditions_of(rule: GuidanceRule) -> list[str]:
    """When a rule holds, besides for whom: by what, about what."""
    said = [str(ContactMoment.Channel(channel).label) for channel in rule.channels]
    by = ", ".join(said) if said else str(_("any channel"))
    return [by, str(rule.topic) if rule.topic else str(_("anything"))]


def state_word(name: str) -> str:
    return str(label_of(name)) if name else str(_("Any customer"))


@dataclass(frozen=True)
class Told:
    """A rule as it is read on a page."""

    rule: GuidanceRule
    conditions: list[str]
    say: list[str]
    ask: list[str]
    skip: list[str]

    @property
    def is_standard(self) -> bool:
        return is_standard(self.rule)


def rules_by_state(rules: Sequence[GuidanceRule]) -> list[tuple[str, list[Told]]]:
    """The rules of a version under the states they are for, the most urgent first and any customer last.

    What every version says is among them, last of its state.
    """
    names = [*(state.name for state in known_states()), ""]
    names += sorted({rule.state for rule in rules} - set(names))  # of an app that is no longer there
    by_state: dict[str, list[Told]] = {name: [] for name in names}
    for rule in (*sorted(rules, key=lambda each: each.position), *standard_rules()):
        parts = [rule.lines(part) for part in ("say", "ask", "skip")]
        conditions = [_("where no rule of this version speaks")] if is_standard(rule) else conditions_of(rule)
        by_state[rule.state].append(Told(rule, conditions, *parts))
    return [(state_word(name), told) for name, told in by_state.items() if told]


@dataclass(frozen=True)
class Passed:
    """A rule that held as well and gave way, and by what."""

    rule: GuidanceRule
    why: str


@dataclass(frozen=True)
class Why:
    """The rule that speaks for a state, and those that gave way to it."""

    state: str
    rule: GuidanceRule
    passed: list[Passed]

    @property
    def is_standard(self) -> bool:
        return is_standard(self.rule)


def reasons_of(card: Card) -> list[Why]:
    """Which rules a card was made of, and why not of others."""
    words = {
        "topic": _("the other names the topic more closely"),
        "channel": _("the other names the channel"),
        "order": _("the other stands before it"),
    }
    return [
        Why(
            state_word(spoken.rule.state),
            card.rules[spoken.rule.position],
            [
                Passed(card.rules[lost.position], words[why_gave_way(spoken.rule, lost, card.conversation)])
                for lost in spoken.gave_way
            ],
        )
        for spoken in card.spoken
    ]


STAFF_AND_SHOPS = (Purpose.SERVICE, Purpose.COUNTER, Purpose.CHECKOUT)


@dataclass(frozen=True)
class TaggedDatum:
    """A datum with its tag by purpose, whether head office decided that, and the exceptions in words."""

    datum: Datum
    tags: list[tuple[Tag, bool]]
    exceptions: list[tuple[str, Tag]]
    changed: bool


def data_with_tags(rules: Sequence[TagRule]) -> list[TaggedDatum]:
    """Every datum that can stand on a customer's page, and how much of it may be said by these rules."""
    return [_tagged(datum, rules) for datum in sorted(contributed.data(), key=lambda datum: datum.name.split(".")[0])]


def _tagged(datum: Datum, rules: Sequence[TagRule]) -> TaggedDatum:
    own = [rule for rule in rules if rule.datum == datum.name]
    plain = [rule for rule in own if not rule.role]
    ruled = {rule.purpose for rule in plain}
    tags = [(Tags(purpose=p, rules=plain)(datum.name), p in ruled or "" in ruled) for p in STAFF_AND_SHOPS]
    named = [p for p in Purpose if p not in STAFF_AND_SHOPS and p in ruled]
    exceptions = [(str(p.label), Tags(purpose=p, rules=plain)(datum.name)) for p in named]
    exceptions += [(_role_word(rule), rule.tag) for rule in own if rule.role]
    return TaggedDatum(datum, tags, exceptions, bool(own))


def _role_word(rule: TagRule) -> Any:
    role = Role(rule.role).label if rule.role in Role else rule.role
    return f"{role} ({Purpose(rule.purpose).label})" if rule.purpose in Purpose else str(role)
