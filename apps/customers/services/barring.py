"""Which identifiers stand for nobody, and how many of a kind one person gets: the rules of recognition, kept per process.

What a till is set up with, the store's own phone, `test@…`: everybody has them, so they say of nobody who it is. A change shows
in other processes within `KEPT_SECONDS`.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from apps.customers.models import BarredValue, Identifier, IdentifierRule

Kind = Identifier.Kind

KEPT_SECONDS = 15.0


@dataclass(frozen=True)
class Rule:
    """How many of a kind one customer gets by joining within `window_days` (None: ever), and how many people may share one."""

    at_most: int | None = None
    window_days: int | None = None
    shared_by: int | None = None


# What holds until head office says otherwise. An address is a house and an account id means something only in its own shop, so
# neither is set apart for being shared.
DEFAULTS: dict[str, Rule] = {
    Kind.CARD: Rule(at_most=5, window_days=365, shared_by=6),
    Kind.ACCOUNT: Rule(at_most=5),
    Kind.EMAIL: Rule(at_most=5, shared_by=8),
    Kind.PHONE: Rule(at_most=5, shared_by=8),
    Kind.PAYMENT_TOKEN: Rule(at_most=10, window_days=365, shared_by=4),
}


@dataclass(frozen=True)
class Book:
    """The rules as of `read_at` (monotonic seconds)."""

    values: frozenset[tuple[str, str]]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    rules: dict[str, Rule]
    read_at: float

    def bars(self, kind: str, value: str) -> bool:
        """Whether an identifier in normal form finds nobody and joins nobody."""
        return (kind, value) in self.values or any(
            of_kind == kind and pattern.fullmatch(value) for of_kind, pattern in self.patterns
        )

    @property
    def limits(self) -> list[tuple[str, int, int]]:
        """How many of a kind one customer gets: (kind, number, within how many days; 0 for ever)."""
        return [(kind, rule.at_most, rule.window_days or 0) for kind, rule in self.rules.items() if rule.at_most]


_book: Book | None = None


def book() -> Book:
    """The rules now."""
    global _book
    if _book is None or time.monotonic() - _book.read_at > KEPT_SECONDS:
        _book = _read()
    return _book


def forget() -> None:
    """Read the rules anew at the next question."""
    global _book
    _book = None


def _read() -> Book:
    barred = BarredValue.objects.exclude(state=BarredValue.State.RELEASED).values_list("kind", "value")
    rules = {
        rule.kind: Rule(rule.at_most, rule.window_days, rule.shared_by)
        for rule in IdentifierRule.objects.order_by("pk")
    }
    return Book(
        values=frozenset((kind, value) for kind, value in barred if "*" not in value),
        patterns=tuple((kind, _pattern(value)) for kind, value in barred if "*" in value),
        rules=DEFAULTS | rules,
        read_at=time.monotonic(),
    )


def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in value.split("*")))


def usable(signs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of identifiers (kind, value), those that may stand for somebody."""
    rules = book()
    return [(kind, value) for kind, value in signs if not rules.bars(kind, value)]
