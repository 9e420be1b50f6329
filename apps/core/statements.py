"""Statements that are written once for all who ask alike, and filled in for each who asks.

What an app contributes to a page of others are querysets. Django compiles a queryset each time it is read, which for a
statement made of a dozen costs more than running it, and its text differs with the number of values in it, so that the
database plans it each time too. A statement is therefore written for an `Outline`: a principal of whom is known what they
may do, and not where, for whom or who they are. For what is not known it has blanks, which are filled in when it is asked
(docs/decisions/0047-statements-with-blanks.md).

Nobody's values slip into a statement that others ask. It is written outside of whatever is going on: no act, language or time
zone is anybody's there. The stand-in of an outline has no values to give; what is done with a blank other than comparing in the
query raises, and so does reading the database, or naming a moment or a key, while a statement is written. What a caller itself
puts into `about`, or a writer closes over, is theirs to keep free of people.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet, ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from django.utils import timezone
from psycopg import sql
from psycopg.types.numeric import Int8

from apps.core.actors import actor_of
from apps.core.blanks import ACTOR, CHANNEL, DAY, ENTITIES, LOCATIONS, MOMENT, PK, Blank, blanks_for, room_for
from apps.core.reach import Reach, reach_of

R = TypeVar("R")

_CONSTANTS = (str, int, float, Decimal, dt.timedelta, type(None))
"""What may stand in a statement besides blanks: no moment and no key of a row, which would be somebody's."""

_written_now: ContextVar[bool] = ContextVar("a statement is being written", default=False)


# --- the moment -------------------------------------------------------------------------------------------------------


def now() -> Any:
    """The moment of asking, for conditions of contributed querysets: `timezone.now()`, or its blank."""
    return Blank(MOMENT) if _written_now.get() else timezone.now()


def today(days_later: int = 0) -> Any:
    """The local day of asking, or so many days later; or its blank."""
    return Blank(DAY, days_later) if _written_now.get() else _day(days_later)


def _day(days_later: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days_later)


# --- who asks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StandIn:
    """A principal of whom nothing is known but what they may do; everything else of theirs is a blank."""

    is_api_client: bool
    _reach: Reach
    pk: Any = field(default_factory=lambda: Blank(PK))
    is_active: bool = True
    is_authenticated: bool = True


class _GrantsAsked(Exception):
    """What was opened to a principal matters to a statement."""


@dataclass(frozen=True)
class Outline:
    """What of a principal decides how a statement reads: what they may do, and for how many values there are blanks.

    `rooms` are the sets of their reach. What is open to them by a grant is read only for statements that depend on it; until
    then `grants` is None.
    """

    is_api_client: bool
    roles: frozenset[str]
    permissions: frozenset[str]
    every_location: bool
    has_channel: bool
    rooms: tuple[int, int]
    grants: frozenset[tuple[str, int]] | None

    @classmethod
    def of(cls, principal: Any, *, with_grants: bool) -> "Outline":
        reach = reach_of(principal)
        return cls(
            is_api_client=bool(getattr(principal, "is_api_client", False)),
            roles=reach.roles,
            permissions=reach.permissions,
            every_location=reach.every_location,
            has_channel=reach.channel_id is not None,
            rooms=(room_for(len(reach.location_ids)), room_for(len(reach.legal_entity_ids))),
            grants=frozenset((kind, room_for(len(keys))) for kind, keys in reach.grants.items())
            if with_grants
            else None,
        )

    def stand_in(self) -> StandIn:
        """Somebody of this outline."""
        locations, entities = self.rooms
        blank: dict[str, Any] = {
            "location_ids": blanks_for(LOCATIONS, locations),
            "legal_entity_ids": blanks_for(ENTITIES, entities),
            "channel_id": Blank(CHANNEL) if self.has_channel else None,
        }
        reach = Reach(self.roles, self.permissions, self.every_location, find_grants=self._grants, **blank)
        return StandIn(self.is_api_client, reach)

    def _grants(self) -> dict[str, frozenset[str]]:
        if self.grants is None:
            raise _GrantsAsked
        return {kind: blanks_for(f"granted {kind}", room) for kind, room in self.grants}


def _values_of(principal: Any, outline: Outline) -> dict[str, Any]:
    """What belongs into the blanks of somebody's reach."""
    reach = reach_of(principal)
    values = {
        MOMENT: timezone.now(),
        PK: getattr(principal, "pk", None),
        ACTOR: actor_of(principal),
        LOCATIONS: reach.location_ids,
        ENTITIES: reach.legal_entity_ids,
        CHANNEL: reach.channel_id,
    }
    return values | {f"granted {kind}": reach.granted(kind) for kind, _room in outline.grants or ()}


# --- writing and asking -----------------------------------------------------------------------------------------------

Rooms = tuple[tuple[str, int | None], ...]
"""What a statement is asked about, by name: for how many values there are blanks, or None for a single value."""
Writer = Callable[..., tuple[str, Sequence[Any]]]
"""`write(principal, blanks, *about)` gives the text of a statement and its parameters; no text where nothing is within reach.

The principal is a stand-in, and `blanks` has what is asked about by its name: a blank, or blanks for a set, which is also
there as one array, under its name and "_array".
"""


@dataclass(frozen=True)
class Statement:
    """A statement as the database takes it: its text, and the blanks that are its parameters."""

    text: str
    blanks: tuple[Blank, ...]

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """Its parameters with values in place of the blanks. A set that has more blanks than values repeats the last."""
        sets = {name: sorted(given) for name, given in values.items() if _is_set(given)}

        def of(blank: Blank) -> Any:
            if blank.name == DAY:
                return _day(blank.place or 0)
            if blank.name not in sets:
                return _typed(values[blank.name])
            each = sets[blank.name]
            return (
                [_typed(value) for value in each]
                if blank.place is None
                else _typed(each[min(blank.place, len(each) - 1)])
            )

        return [of(blank) for blank in self.blanks]


def _with_constants(text: str, parameters: Sequence[Any]) -> Statement:
    """What is no blank is written into the text: only so does one plan for all know which rows a partial index has."""
    given = iter(parameters)
    blanks = []

    def written(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%%"
        parameter = next(given)
        if isinstance(parameter, Blank):
            blanks.append(parameter)
            return "%s"
        nobodys = parameter == []  # who has none has statements of their own
        if not nobodys and not isinstance(parameter, _CONSTANTS):
            raise ImproperlyConfigured(f"{parameter!r} would stand in a statement that others ask too: {text}")
        return sql.Literal(parameter).as_string().replace("%", "%%")

    return Statement(re.sub("%%|%s", written, text), tuple(blanks))


def _rooms_of(values: Mapping[str, Any]) -> Rooms:
    return tuple((name, room_for(len(value)) if _is_set(value) else None) for name, value in values.items())


def _blanks_of(rooms: Rooms) -> dict[str, Any]:
    blanks: dict[str, Any] = {}
    for name, room in rooms:
        blanks[name] = Blank(name) if room is None else blanks_for(name, room)
        blanks[f"{name}_array"] = Blank(name)
    return blanks


def _is_set(value: Any) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str)


def _typed(value: Any) -> Any:
    """Numbers of one type whatever their size: a statement is prepared for the types of its parameters."""
    return Int8(value) if isinstance(value, int) else value


class Statements:
    """Statements of one sort, kept by whom and what they are written for; of too many the one longest not asked goes."""

    def __init__(self, write: Writer, *, at_most: int = 500) -> None:
        self._write, self._at_most = write, at_most
        self._kept: dict[Hashable, Statement | None] = {}
        """None where the statement depends on what is open to somebody, so that it stands under an outline with grants."""
        self._lock = Lock()

    def ask(self, principal: Any, /, *about: Hashable, **values: Any) -> list[tuple[Any, ...]]:
        """The rows that the statement gives for a principal.

        `about` decides how it reads, beside the outline of the principal; the writer is given it too. `values` are what it
        asks about: single values, or sets.
        """
        outline, statement = self._statement_for(principal, about, values)
        if not statement.text:
            return []
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.filled(_values_of(principal, outline) | values))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def _statement_for(
        self, principal: Any, about: tuple[Hashable, ...], values: Mapping[str, Any]
    ) -> tuple[Outline, Statement]:
        rooms = _rooms_of(values)
        outline = Outline.of(principal, with_grants=False)
        statement = self._known_or_written(outline, about, rooms)
        if statement is None:
            outline = Outline.of(principal, with_grants=True)
            statement = self._known_or_written(outline, about, rooms)
        assert statement is not None  # an outline with grants has them to give
        return outline, statement

    def _known_or_written(self, outline: Outline, about: tuple[Hashable, ...], rooms: Rooms) -> Statement | None:
        place = (outline, about, rooms)
        with self._lock:
            if place in self._kept:
                known = self._kept[place] = self._kept.pop(place)  # the last to go
                return known
        # Whoever asks first is in the middle of a request of theirs, of which nothing may be found here.
        written = Context().run(self._written, outline, about, rooms)
        with self._lock:
            while len(self._kept) >= self._at_most:
                del self._kept[next(iter(self._kept))]
            self._kept[place] = written
        return written

    def _written(self, outline: Outline, about: tuple[Hashable, ...], rooms: Rooms) -> Statement | None:
        text = ""
        parameters: Sequence[Any] = ()
        try:
            with _writing(), suppress(EmptyResultSet):
                text, parameters = self._write(outline.stand_in(), _blanks_of(rooms), *about)
        except _GrantsAsked:
            return None
        return _with_constants(text, parameters)


class KeptQuery(Generic[R]):
    """A queryset that pages read all the time: `write(asked)` gives it, of blanks for what is asked about; it is compiled once.

    What is read is what the queryset gives: objects, with what it selects along, or tuples.
    """

    def __init__(self, write: Callable[[Mapping[str, Any]], QuerySet[Any, R]]) -> None:
        self._write = write
        self._kept: dict[Rooms, tuple[Statement, QuerySet[Any, R], Any]] = {}

    def read(self, **values: Any) -> list[R]:
        """The rows for these single values and sets."""
        rooms = _rooms_of(values)
        if rooms not in self._kept:
            self._kept[rooms] = Context().run(self._compiled, rooms)  # and not in the request of whoever asks first
        statement, compiled, compiler = self._kept[rooms]
        if not statement.text:
            return []
        rows, asking = compiled.all(), copy(compiler)
        filled = statement.filled({MOMENT: timezone.now()} | values)
        asking.connection = connections[DEFAULT_DB_ALIAS]  # of this thread
        asking.as_sql = lambda: (statement.text, filled)
        query: Any = rows.query
        query.get_compiler = lambda using: asking  # all but the compiling is Django's
        return list(rows)

    def _compiled(self, rooms: Rooms) -> tuple[Statement, QuerySet[Any, R], Any]:
        text, parameters = "", ()
        with _writing():
            rows = self._write(_blanks_of(rooms))
            compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
            with suppress(EmptyResultSet):
                text, parameters = compiler.as_sql()
        return _with_constants(text, parameters), rows, compiler


@contextmanager
def _writing() -> Iterator[None]:
    """While a statement is written, moments are blanks and nothing is read."""
    token = _written_now.set(True)
    try:
        with connection.execute_wrapper(_refuse):
            yield
    finally:
        _written_now.reset(token)


def _refuse(execute: Any, text: str, *args: Any) -> Any:
    raise ImproperlyConfigured(f"a statement that others ask too is written with what was read just now: {text}")
