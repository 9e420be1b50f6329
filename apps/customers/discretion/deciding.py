"""The tag of each datum, for one person who looks and one look-up that lets them."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from django.utils import timezone

from apps.accounts.models import AccessGrant
from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.customers.discretion.rules import TagRule, rules_in_force
from apps.portal.discretion import CAREFUL, Datum, Tag
from apps.portal.registry import Registry, contributed


class Tags:
    """How much of each datum a principal may say, under one grant. Called with the name of a datum it gives the tag.

    The rules are read once. Without a grant that is the principal's own and in force, everything is hidden.
    """

    def __init__(
        self,
        *,
        purpose: str | None,
        evidence: str = "",
        roles: Collection[str] = (),
        rules: Sequence[TagRule] | None = None,
        registry: Registry = contributed,
    ) -> None:
        self.purpose, self.evidence, self.roles, self.registry = purpose, evidence, frozenset(roles), registry
        self._given = rules

    @cached_property
    def rules(self) -> Sequence[TagRule]:
        """What head office changed, whomever it is for."""
        return rules_in_force() if self._given is None else self._given

    @cached_property
    def _rules(self) -> dict[str, list[TagRule]]:
        by_datum: dict[str, list[TagRule]] = {}
        for rule in self.rules:
            if rule.role in {"", *self.roles} and rule.purpose in {"", self.purpose}:
                by_datum.setdefault(rule.datum, []).append(rule)
        return by_datum

    def __call__(self, name: str) -> Tag:
        """The tag of a datum. What no app declared is a mistake in the program and raises KeyError."""
        datum = self.registry.datum_called(name)
        if self.purpose is None:
            return Tag.HIDDEN
        ruled = self._rules.get(name)
        return _closest(ruled) if ruled else self._proposed(datum)

    def shows(self, name: str) -> bool:
        return self(name) != Tag.HIDDEN

    def _proposed(self, datum: Datum) -> Tag:
        tag = datum.by_purpose.get(self.purpose or "", datum.tag)
        brought_up = tag == Tag.DISCREET and self.evidence in datum.opens_with
        return Tag.OPEN if brought_up else tag


def _closest(rules: Sequence[TagRule]) -> Tag:
    """Of several rules the one that names a role, then the one that names a purpose; of equals the most careful one."""
    closest = max(rules, key=lambda rule: (bool(rule.role), bool(rule.purpose), CAREFUL[rule.tag]))
    return closest.tag


def tags_of(principal: Any, grant: AccessGrant | None, *, rules: Sequence[TagRule] | None = None) -> Tags:
    """The tags of all data for a principal who looks under a grant; by `rules`, where those in force were read already."""
    holds = grant is not None and grant.principal == actor_of(principal) and grant.expires_at > timezone.now()
    if grant is None or not holds:
        return Tags(purpose=None)
    return Tags(purpose=grant.purpose, evidence=grant.evidence, roles=reach_of(principal).roles, rules=rules)


def tag_of(datum: str, principal: Any, grant: AccessGrant | None) -> Tag:
    """Whether a datum is open, discreet or hidden for a principal; hidden without a grant of theirs that is in force.

    A page asks for many: let it keep `tags_of(principal, grant)`.
    """
    return tags_of(principal, grant)(datum)
