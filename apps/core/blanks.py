"""Blanks: what stands in a statement for a value that nobody knows while it is written (see statements)."""

from collections.abc import Iterator
from typing import Any

from django.db.models.expressions import Expression

STEP = 8
"""A set has blanks for 1, 8, 64, … values, so that statements about one and about some differ little, and seldom."""


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


class Blanks(Expression):
    """Blanks for a set of values, to be compared with by `in`. Whether one is among them cannot be asked."""

    def __init__(self, name: str, room: int) -> None:
        super().__init__()
        self.name, self.room = name, room

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"({', '.join(['%s'] * self.room)})", tuple(self)

    def __len__(self) -> int:
        return self.room

    def __iter__(self) -> Iterator[Blank]:
        return (Blank(self.name, place) for place in range(self.room))

    def __contains__(self, value: object) -> bool:
        raise TypeError(f"what is among {self.name} is not known yet")


def blanks_for(name: str, number: int) -> Any:
    """Blanks for a set of so many values, in its place; the empty set for none."""
    return Blanks(name, room_for(number)) if number else frozenset()


def room_for(number: int) -> int:
    """For how many values there are blanks in a set of `number`."""
    room = min(number, 1)
    while room < number:
        room *= STEP
    return room
