"""The rules there are: what is kept for which use, from when its term counts, and what goes when it is over.

    retention(RetentionRule(code="conversations", …, parts=(Words(ContactMoment, ("text",), since="occurred_at"),)))

Each app names its own in `privacy.py`. Whether a rule is in force, and its term, is decided by the privacy officer.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q, QuerySet

from apps.core.privacy.erasing import blank_value, still_says
from apps.core.privacy.register import personal_fields
from apps.core.privacy.triggers import redacting

Model = type[models.Model]


class Part(Protocol):
    """Rows of one table that a rule is about.

    `due(before)` are those whose term is over and that still say something, `let_go(keys, before)` does what the rule says to
    some of them and returns (done, not finished). `sample(rows, number)` words the oldest of some, without naming anybody.
    """

    @property
    def model(self) -> Model: ...

    @property
    def at_once(self) -> int: ...

    def due(self, before: dt.datetime) -> QuerySet[Any]: ...

    def let_go(self, keys: Sequence[Any], before: dt.datetime) -> tuple[int, int]: ...

    def sample(self, rows: QuerySet[Any], number: int) -> list[tuple[dt.datetime, str]]: ...


@dataclass(frozen=True)
class Words:
    """Columns that lose their words, while the row stays with its numbers and dates.

    `since` is the way from a row to the moment from which its term counts, `only` which rows are finished, `number` the way to
    the number of what the row belongs to, for samples.
    """

    model: Model
    columns: tuple[str, ...]
    since: str
    only: Q = field(default_factory=Q)
    number: str = ""
    at_once: int = 1000

    def due(self, before: dt.datetime) -> QuerySet[Any]:
        rows = self.model._default_manager.filter(self.only, **{f"{self.since}__lt": before})
        return rows.filter(still_says(self.model, self.columns)).order_by("pk")

    def let_go(self, keys: Sequence[Any], before: dt.datetime) -> tuple[int, int]:
        blank = {name: blank_value(self.model, name) for name in self.columns}
        with redacting():
            return self.due(before).filter(pk__in=keys).order_by().update(**blank), 0

    def sample(self, rows: QuerySet[Any], number: int) -> list[tuple[dt.datetime, str]]:
        words = str(self.model._meta.verbose_name)
        columns = [self.since, self.number] if self.number else [self.since]
        oldest = rows.order_by(self.since, "pk").values_list(*columns)[:number]
        return [(since, " ".join([words, *numbers]).strip()) for since, *numbers in oldest]


@dataclass(frozen=True, kw_only=True)
class RetentionRule:
    """`purpose` is what the data is kept for, `since` from when the term counts, `ends` what is left when it is over.

    `months` is the term we propose and `why` so long; fewer than `least` is refused.
    """

    code: str
    name: Any
    purpose: Any
    since: Any
    ends: Any
    why: Any
    months: int
    least: int
    parts: tuple[Part, ...]


_rules: dict[str, RetentionRule] = {}


def retention(rule: RetentionRule) -> RetentionRule:
    """Register a rule. What loses its words must be in the register of personal data."""
    if rule.code in _rules:
        raise ImproperlyConfigured(f"two rules of retention are called {rule.code}")
    known = personal_fields()
    for part in rule.parts:
        if isinstance(part, Words) and (unknown := set(part.columns) - set(known.get(part.model, ()))):
            raise ImproperlyConfigured(f"{rule.code}: {sorted(unknown)} is not personal in {part.model._meta.label}")
    _rules[rule.code] = rule
    return rule


def rules() -> list[RetentionRule]:
    """Every rule, by name."""
    return sorted(_rules.values(), key=lambda rule: str(rule.name))


def rule_called(code: str) -> RetentionRule | None:
    """The rule of that code, if there is one."""
    return _rules.get(code)


Alive = Callable[[dt.datetime], QuerySet[Any]]
_alive: list[Alive] = []


def keeps_customers(alive: Alive) -> Alive:
    """Register whose customers still come: `alive(since)` are source record ids, as a queryset of one column, of people of whom
    something happened since then or who have something left here."""
    _alive.append(alive)
    return alive


def still_come(since: dt.datetime) -> list[QuerySet[Any]]:
    """The source records of whoever still comes, as each app knows it."""
    return [alive(since) for alive in _alive]
