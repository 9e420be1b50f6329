"""Blanks: what stands in a statement for a value that nobody knows while it is written (see statements).

A blank is compared with in a query. In Python it is compared with no number, text or set: `principal.pk == 7` raises, or the
answer would be everybody's. Two questions are answered all the same, for Django asks them: whether there is one
(`if principal.pk`: yes), and whether it is in a plain set (`principal.pk in {7}`: no).
"""

from collections.abc import Iterator, Set
from typing import Any

from django.db.models.expressions import Expression

STEP = 8
"""A set has blanks for 1, 8, 64, … values, so that statements about one and about some differ little, and seldom."""

# What is known of whoever asks, and when. No keyword has a space in it, so what is asked about never takes its place.
PK, ACTOR, CHANNEL = "own pk", "own actor", "own channel"
LOCATIONS, ENTITIES = "own locations", "own entities"
MOMENT, DAY = "the moment", "the day"


class Blank(Expression):
    """The value called `name`, or its `place`th. It is good for nothing but to be compared with in a query."""

    def __init__(self, name: str, place: int | None = None) -> None:
        super().__init__()
        self.name, self.place = name, place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)

    def __repr__(self) -> str:
        return f"<blank {self.name} {self.place}>"

    def __format__(self, spec: str) -> str:
        raise TypeError(f"{self!r} has no value yet that could stand in a text")

    def __str__(self) -> str:
        return format(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | str) and other != "":  # of every condition Django asks whether it compares with ""
            raise TypeError(f"whether {self!r} is {other!r} is not known yet")
        return super().__eq__(other)

    __hash__ = Expression.__hash__


class Blanks(Expression):
    """Blanks for a set of values, to be compared with by `in`. Whether one is among them cannot be asked."""

    def __init__(self, name: str, room: int) -> None:
        super().__init__()
        self.name, self.room = name, room

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"({', '.join(['%s'] * self.room)})", tuple(self)

    @property
    def array(self) -> Blank:
        """All of them as one array."""
        return Blank(self.name)

    def __len__(self) -> int:
        return self.room

    def __iter__(self) -> Iterator[Blank]:
        return (Blank(self.name, place) for place in range(self.room))

    def __contains__(self, value: object) -> bool:
        raise TypeError(f"what is among {self.name} is not known yet")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Set):
            raise TypeError(f"what is among {self.name} is not known yet")
        return super().__eq__(other)

    __hash__ = Expression.__hash__


def blanks_for(name: str, number: int) -> Any:
    """Blanks for a set of so many values, in its place; the empty set for none."""
    return Blanks(name, room_for(number)) if number else frozenset()


def room_for(number: int) -> int:
    """For how many values there are blanks in a set of `number`."""
    room = min(number, 1)
    while room < number:
        room *= STEP
    return room
