"""What can be imported. An app contributes a kind in its `portal.py`:

    import_kind(ProductImport())

A kind names its columns and the serializer of a row, and makes a `Session` for one pass over a file. The session says of
each batch of rows what it would change (`plan`), and writes what was planned (`write`, `finish`). The same session code
serves the dry run and the booking, so that what was shown is what is done.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from rest_framework import serializers

from apps.core.inbox.documents import Flaw
from apps.network.models import Location


@dataclass(frozen=True)
class ImportColumn:
    """A column of the file: the serializer's field, its words, how else people call it, and what stands in the template.

    `required` columns must be in the file; a cell of another may be empty, which leaves things as they are.
    """

    name: str
    label: Any
    example: str = ""
    help: Any = ""
    aliases: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value: where, which, why, and how to mend it (source texts, translated when shown)."""

    column: str
    value: str
    flaw: Flaw
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """What a row changes in one respect. `label` names the column; old and new are as people write them here."""

    column: str
    old: str
    new: str


@dataclass
class Row:
    """One row whose values are valid by themselves; empty cells are left out of `values`."""

    number: int
    values: dict[str, Any]


@dataclass
class Planned:
    """What one row comes to. With `problems` it is wrong; without differences nothing changes.

    `mark` is one of the kind's own `marks`, for rows that somebody should look at apart from the others.
    """

    number: int
    key: str
    is_new: bool = False
    differences: list[Difference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    data: Any = None
    mark: str = ""

    @property
    def outcome(self) -> str:
        if self.problems:
            return "error"
        return "new" if self.is_new else "changed" if self.differences else "unchanged"


class Session(ABC):
    """One pass over a file."""

    @abstractmethod
    def plan(self, rows: Sequence[Row]) -> list[Planned]:
        """What each row would change now; one `Planned` a row, in order. Reads only."""

    @abstractmethod
    def write(self, planned: Sequence[Planned]) -> None:
        """Write rows that are new or change something, in the running transaction."""

    def finish(self) -> str:
        """Write what has to come last; return the path of the page that shows what came of it."""
        return ""


class ImportKind(ABC):
    """A kind of import. `name` stands in addresses. `options_form` asks what goes for the file as a whole, once it is kept."""

    name: ClassVar[str]
    label: ClassVar[Any]
    intro: ClassVar[Any] = ""
    permission: ClassVar[str]
    columns: ClassVar[tuple[ImportColumn, ...]]
    serializer_class: ClassVar[type[serializers.Serializer[Any]]]
    options_form: ClassVar[type[forms.Form] | None] = None
    back: ClassVar[tuple[str, Any]]  # (route, label) of the list it belongs to
    asks_reason: ClassVar[bool] = False  # whether booking one corrects what people will ask about
    flaws: ClassVar[Mapping[str, Flaw]] = {}  # words for the serializer's own error codes
    found: ClassVar[tuple[ImportColumn, ...]] = ()  # what a difference may be about that is no column of a file
    marks: ClassVar[Mapping[str, Any]] = {}  # what rows are marked with, in words; each mark is a tab of the preview

    def suggest_options(self, store: Location | None) -> dict[str, Any]:
        """What is most likely meant by whoever works in `store`, to begin the form with."""
        return {}

    def keep_options(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """The chosen options as JSON: ids and codes."""
        return {}

    def recall_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options that were kept, to begin the form with when they are asked again."""
        return dict(options)

    def say_options(self, options: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        """The options in words: (label, value)."""
        return []

    @abstractmethod
    def begin(self, *, options: Mapping[str, Any], principal: Any, reference: str) -> Session:
        """A pass over a file for somebody. Raises a DomainError when the options can no longer be used."""

    def column(self, name: str) -> ImportColumn:
        return next(column for column in (*self.columns, *self.found) if column.name == name)


_registry: dict[str, ImportKind] = {}


def import_kind(kind: ImportKind) -> ImportKind:
    """Make a kind of import known."""
    _registry[kind.name] = kind
    return kind


def kind_called(name: str) -> ImportKind | None:
    return _registry.get(name)


def kinds() -> Iterator[ImportKind]:
    yield from _registry.values()
