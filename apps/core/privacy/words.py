"""The words by which a person can be found in what has no key to them: raw documents, logs of jobs, stored answers, files."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

ERASED = "[erased]"
_SHORTEST = 3
_GAP = r"[\s.()/-]*"
_GAPS = re.compile(r"[\s.()/-]+")
_DOTTED = str.maketrans("İı", "ii")  # which a pattern takes for an i
_RUN = 8  # letters or digits of a value by which a text is sorted out
# An address of mail, or of the machine somebody said it from (IPv4, IPv6).
_REACHED_AT = re.compile(
    r"[^\s@<>,;:]+@[^\s@<>,;:]+|(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|(?<![\w:])(?:[\da-f]{0,4}:){3,7}[\da-f]{0,4}(?!\w)",
    re.IGNORECASE,
)

Who = TypeVar("Who", bound=Hashable)


@dataclass
class PersonWords:
    """What somebody is known by. `telling` values are theirs alone (an address to write to, a number, a card); `other`
    ones are shared by many (names, a street), and go only where a telling one stands beside them."""

    telling: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self._patterns(self.telling))

    @cached_property
    def pattern(self) -> str:
        """The telling ones as a pattern that PostgreSQL and Python both read; case does not matter."""
        return "|".join(self._patterns(self.telling))

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def _everything(self) -> re.Pattern[str]:
        # Before the shorter ones, or "Fenna de Boer" would leave its middle behind.
        other = sorted((v for v in self.other if len(v.strip()) >= _SHORTEST), key=len, reverse=True)
        words = [rf"(?<!\w){_spaced(value)}(?!\w)" for value in other]
        return re.compile("|".join([*self._patterns(self.telling), *words]), re.IGNORECASE)

    @staticmethod
    def _patterns(values: Iterable[str]) -> list[str]:
        return [
            _spelled(value) for value in sorted(values, key=len, reverse=True) if len(_signs_of(value)) >= _SHORTEST
        ]

    def names(self, text: str) -> bool:
        """Whether a text names the person by something that is theirs alone."""
        return bool(self) and self._names.search(text) is not None

    def erased_from(self, held: Any) -> Any:
        """A text or JSON document without the person. Of a list of things only those that name them are touched."""
        if isinstance(held, str):
            return self._everything.sub(ERASED, held) if self.names(held) else held
        if isinstance(held, list):
            return [self.erased_from(item) for item in held]
        if not isinstance(held, dict):
            return held
        if any(self.names(part) for value in held.values() if not isinstance(value, list) for part in _texts(value)):
            return self.all_erased_from(held)
        return {name: self.erased_from(value) for name, value in held.items()}

    def proof_without(self, text: str) -> str:
        """How something was proved, without anything the person is known by or was reached at."""
        text = _REACHED_AT.sub(ERASED, text)
        return self._everything.sub(ERASED, text) if self._everything.pattern else text

    def all_erased_from(self, held: Any) -> Any:
        """A text or JSON document of which it is known that it names the person, without them."""
        if isinstance(held, str):
            return self._everything.sub(ERASED, held)
        if isinstance(held, list):
            return [self.all_erased_from(item) for item in held]
        if isinstance(held, dict):
            return {name: self.all_erased_from(value) for name, value in held.items()}
        return ERASED if isinstance(held, int) and self.names(str(held)) else held


class Crowd(Generic[Who]):
    """Many people at once: a text is read once for all of them, and searched only for those of whom it has a run of signs."""

    def __init__(self, people: Mapping[Who, PersonWords]) -> None:
        self._people = people
        self._by_run: dict[int, dict[str, set[Who]]] = defaultdict(lambda: defaultdict(set))
        for who, words in people.items():
            for value in words.telling:
                if run := _run_of(value):
                    self._by_run[len(run)][run].add(who)

    def named_in(self, text: str) -> set[Who]:
        """Who of them a text names by something that is theirs alone."""
        bare = _bare(text)
        perhaps: set[Who] = set()
        for size, runs in self._by_run.items():
            for run in runs.keys() & {bare[start : start + size] for start in range(len(bare) - size + 1)}:
                perhaps |= runs[run]
        return {who for who in perhaps if self._people[who].names(text)}


def _texts(held: Any) -> list[str]:
    if isinstance(held, dict):
        return [text for value in held.values() for text in _texts(value)]
    if isinstance(held, list):
        return [text for value in held for text in _texts(value)]
    return [str(held)] if isinstance(held, str | int) and not isinstance(held, bool) else []


def _spaced(value: str) -> str:
    return r"\s+".join(re.escape(word) for word in value.split())


def _bare(text: str) -> str:
    """A text without the gaps that values are typed with, and without capitals."""
    return _GAPS.sub("", text).translate(_DOTTED).casefold()


def _run_of(value: str) -> str:
    """Signs that every spelling of a value has beside each other. Addresses end alike, and numbers begin alike."""
    signs = _signs_of(value)
    if len(signs) < _SHORTEST:
        return ""
    return signs[:_RUN] if "@" in signs else signs[-_RUN:]


def _signs_of(value: str) -> str:
    """What of a value stands in every spelling of it. Where that is next to nothing it tells nobody from others."""
    return _bare(_national(value) or value)


def _national(value: str) -> str:
    """The digits of an international phone number after those of its country; "" of what is none.

    Of the countries nearby the code has two digits; a longer one only leaves a digit over.
    """
    return re.sub(r"\D", "", value)[2:] if re.fullmatch(r"\+[\d\s.()-]+", value) else ""


def _spelled(value: str) -> str:
    """A value in the ways it may have been typed: a phone number with or without country and gaps, a card with gaps."""
    digits = re.sub(r"\D", "", value)
    if national := _national(value):
        return rf"(\+?{_GAP}{digits[:2]}|00{digits[:2]}|0)?{_GAP}{_GAP.join(national)}"
    if len(digits) >= 6 and digits == value:
        return _GAP.join(digits)
    return _spaced(value)
