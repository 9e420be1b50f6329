"""The guidance card: what to say, ask and leave out in this conversation, with the rules that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.functional import cached_property

from apps.portal.discretion import TagOf
from apps.service.guidance.choosing import Conversation, Spoken, choose
from apps.service.guidance.models import PARTS, CardShown, GuidanceRule, Policy
from apps.service.guidance.policies import condition_of, policy_in_force, terms_of
from apps.service.guidance.standard import standard_rules
from apps.service.guidance.states import NOBODY, label_of, states_of, told_to
from apps.service.models import ContactMoment
from apps.service.tree import TopicTree

_SALT = "service.card"


@dataclass(frozen=True)
class Line:
    """One thing to say, ask or leave out, and the rule that says so."""

    text: str
    rule: GuidanceRule


@dataclass(frozen=True)
class Card:
    """What a version of the policy says for a conversation; without a version, what holds everywhere (`standard`)."""

    policy: Policy | None
    conversation: Conversation
    spoken: list[Spoken]
    rules: dict[int, GuidanceRule]

    def part(self, name: str) -> list[Line]:
        """What to say, ask or leave out, in order of urgency; what two rules say alike stands once."""
        lines: dict[str, Line] = {}
        for spoken in self.spoken:
            rule = self.rules[spoken.rule.position]
            for text in rule.lines(name):
                lines.setdefault(text, Line(text, rule))
        return list(lines.values())

    @cached_property
    def say(self) -> list[Line]:
        return self.part("say")

    @cached_property
    def ask(self) -> list[Line]:
        return self.part("ask")

    @cached_property
    def skip(self) -> list[Line]:
        return self.part("skip")

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, part) for part in PARTS)

    @property
    def states(self) -> list[Any]:
        """What holds of the customer, in words."""
        return [label_of(name) for name in self.conversation.states]

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """All it says, to compare one card with another."""
        return tuple(tuple(line.text for line in self.part(part)) for part in PARTS)

    @property
    def token(self) -> str:
        """What was shown, for the form that writes the contact down to hand back; nobody can make one up."""
        if self.policy is None and self.is_empty:
            return ""
        shown = {
            "policy": self.policy and self.policy.number,
            "rules": [spoken.rule.position for spoken in self.spoken],
            "states": list(self.conversation.states),
        }
        return signing.dumps(shown, salt=_SALT)


def topics_from(topic: str, tree: TopicTree) -> tuple[str, ...]:
    """A topic and what it is part of, the closest first."""
    found = next((each for each in tree.topics if each.code == topic), None)
    if found is None:
        return ()
    above = next((each.code for each in tree.topics if each.pk == found.parent_id), None)
    return (found.code, above) if above else (found.code,)


def card_of(policy: Policy | None, conversation: Conversation) -> Card:
    """What a version says for a conversation."""
    rules = {rule.position: rule for rule in (*(policy.rules.all() if policy else ()), *standard_rules())}
    return Card(policy, conversation, choose([condition_of(rule) for rule in rules.values()], conversation), rules)


def card_for(
    *, source_record_ids: Sequence[int] | None, tags: TagOf | None = None, channel: str = "", topic: str = ""
) -> Card:
    """The card in force for a conversation. Without source records nobody said who they are. Of what holds of the customer
    only that counts which whoever looks may know of."""
    policy = policy_in_force()
    states: tuple[str, ...] = (NOBODY,)
    if source_record_ids is not None:
        states = states_of({0: source_record_ids}, terms=terms_of(policy))[0]
        states = told_to(states, tags) if tags else states
    topics = topics_from(topic, TopicTree.read()) if topic else ()
    return card_of(policy, Conversation(states=states, channel=channel, topics=topics))


def rules_shown(shown: CardShown) -> list[str]:
    """The names of the rules that stood on a card, in order."""
    rules = (*(shown.policy.rules.all() if shown.policy else ()), *standard_rules())
    return [str(rule.name) for rule in rules if rule.position in shown.rules]


def note_shown(*, contact: ContactMoment, token: str) -> CardShown | None:
    """Keep with a contact which guidance was shown. A token that is none, or not ours, is passed over: writing a contact down
    never fails for it."""
    try:
        shown = signing.loads(token, salt=_SALT, max_age=86_400)
    except signing.BadSignature:
        return None
    policy = Policy.objects.published().filter(number=shown["policy"]).first()
    if policy is None and shown["policy"] is not None:
        return None
    return CardShown.objects.create(contact=contact, policy=policy, rules=shown["rules"], states=shown["states"])
