"""Tables and their columns. A column says what it holds and where it stands on a phone; the look is the kit's.

On a narrow screen a row becomes an entry, and each column takes a slot of it: `title` (the link that opens the row),
`value` (top right), `line` (second line), `note` (second line, right), `foot` (third line). A column without a slot is
not shown there. `wide` lets a column wait until the list is 46, 54, 62 or 70 rem wide.
"""

from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import Any

import django_tables2
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_tables2.columns import BoundColumn

from apps.portal import formats
from apps.portal.access import may
from apps.portal.cells import content_of

SLOTS = frozenset({"pick", "title", "value", "line", "note", "foot"})
WIDTHS = frozenset({46, 54, 62, 70})


class Column(django_tables2.Column):
    """Text. `tight` keeps the column as narrow as its content, `clip` cuts long text, `dim` is for what matters less.

    An `extra` column is shown only to those who choose it; one with a `permission` only to those who hold that. What a
    `personal` column says is about a customer: a file with it is asked for with a purpose, and written down.
    """

    numeric = False
    keeps_value = False  # whether a file holds the value itself: a number or a moment

    def __init__(
        self,
        verbose_name: Any = None,
        *,
        slot: str = "",
        wide: int = 0,
        tight: bool = False,
        dim: bool = False,
        clip: bool = False,
        label: bool = False,
        extra: bool = False,
        permission: str = "",
        personal: bool = False,
        **kwargs: Any,
    ) -> None:
        if slot and slot not in SLOTS:
            raise ValueError(f"{slot!r} is no slot of an entry: {', '.join(sorted(SLOTS))}")
        if wide and wide not in WIDTHS:
            raise ValueError(f"a column can wait for {sorted(WIDTHS)} rem, not for {wide}")
        self.is_title = slot == "title"
        self.with_label = label
        self.extra = extra
        self.permission = permission
        self.personal = personal
        head = {"num": self.numeric, f"from-{wide}": wide}
        cell = head | {f"at-{slot}": slot, "tight": tight, "dim": dim, "clip": clip}
        attrs = {"th": {"class": _classes(head)}, "td": {"class": _classes(cell)}, **kwargs.pop("attrs", {})}
        super().__init__(verbose_name, attrs=attrs, **kwargs)


def _classes(wanted: Mapping[str, Any]) -> str:
    return " ".join(name for name, on in wanted.items() if on)


class MoneyColumn(Column):
    """An amount. With `currency` naming the attribute that holds it, the currency stands in the cell; without, the
    head must name it ("Amount €")."""

    numeric = True
    keeps_value = True

    def __init__(self, verbose_name: Any = None, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = django_tables2.A(currency) if currency else None
        super().__init__(verbose_name, **({"tight": True} | kwargs))

    def render(self, value: Any, record: Any) -> str:
        if self.currency is None:
            return formats.amount(value)
        return formats.money(value, self.currency.resolve(record))


class QuantityColumn(Column):
    """A number of things, without trailing zeros."""

    numeric = True
    keeps_value = True

    def __init__(self, verbose_name: Any = None, **kwargs: Any) -> None:
        super().__init__(verbose_name, **({"tight": True} | kwargs))

    def render(self, value: Any) -> str:
        return formats.quantity(value)


class WhenColumn(Column):
    """A day or a moment."""

    keeps_value = True

    def __init__(self, verbose_name: Any = None, **kwargs: Any) -> None:
        super().__init__(verbose_name, **({"tight": True, "dim": True} | kwargs))

    def render(self, value: Any) -> str:
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.when(value))


def status_mark(tone: str, word: Any) -> SafeString:
    """A state as mark and word; tones are idle, wait, busy, ok and bad."""
    return format_html('<span class="status" data-tone="{}">{}</span>', tone, word)


class StatusColumn(Column):
    """A state as mark and word. `tone` maps the stored value to idle, wait, busy, ok or bad."""

    def __init__(
        self, verbose_name: Any = None, *, tone: Mapping[str, str] | Callable[[Any], str], **kwargs: Any
    ) -> None:
        self.tone = tone
        super().__init__(verbose_name, **({"tight": True} | kwargs))

    def render(self, value: Any, record: Any) -> str:
        tone = self.tone(record) if callable(self.tone) else self.tone.get(str(self.accessor.resolve(record)), "idle")
        return status_mark(tone, value)


def _frame(column: BoundColumn) -> str:
    """What stands around every cell of a column: the markup with a place for the content."""
    kind: Any = column.column
    classes = kind.attrs["td"]["class"]
    if kind.is_title:
        return f'<th scope="row" class="{classes}">%s</th>'
    label = format_html(' data-label="{}"', column.header).replace("%", "%%") if kind.with_label else ""
    return f'<td class="{classes}"{label}>%s</td>'


def _pick(record: Any, title: BoundColumn | None, table: Any) -> str:
    """The box that picks a row, named after what the row is about."""
    name = strip_tags(str(content_of(title, table, record))) if title is not None else str(record)
    label = format_html('aria-label="{}"', _("Select %(row)s") % {"row": unescape(name)})
    return (
        '<td class="pick at-pick"><label>'
        f'<input type="checkbox" name="pick" value="{record.pk}" form="bulk" autocomplete="off" {label}></label></td>'
    )


class Table(django_tables2.Table):
    """Base of the portal's tables. Give it a `Meta` with `model` and `fields` or declare every column."""

    class Meta:
        template_name = "shell/_table.html"
        default = ""
        attrs = {"class": "data-table entries stuck"}

    records: Sequence[Any] | None = None
    """The rows to draw, where the page says which; else those of the table."""

    address = ""
    """Where the list stands, in its state of now: a row's own page leads back there."""

    can_pick = False
    """Whether each row has a box to tick, for an act on many."""

    @classmethod
    def offered_to(cls, principal: Any) -> dict[str, Column]:
        """The columns that somebody may see, by name, as declared."""
        columns: dict[str, Column] = cls.base_columns
        return {n: c for n, c in columns.items() if not c.permission or may(principal, c.permission)}

    @classmethod
    def usual_for(cls, principal: Any) -> list[str]:
        """The columns shown to somebody who chose none."""
        return [name for name, column in cls.offered_to(principal).items() if not column.extra]

    def is_withheld(self, record: Any) -> bool:
        """Whether a file leaves out what `personal` columns say of a row."""
        return False

    @property
    def caption(self) -> str:
        return str(self.data.verbose_name_plural)

    @property
    def body(self) -> SafeString:
        """The rows. Written here, for a template loop over fifty rows of ten cells costs more than all else on a page."""
        columns = [(_frame(column), column) for column in self.columns]
        title = next((column for column in self.columns if column.column.is_title), None)
        rows = []
        for record in self.records if self.records is not None else self.paginated_rows.data:
            cells = [
                frame % conditional_escape(localize(content_of(column, self, record))) for frame, column in columns
            ]
            if self.can_pick:
                cells.insert(0, _pick(record, title, self))
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return mark_safe("\n".join(rows))  # noqa: S308  (each cell was escaped)

    @property
    def has_footer(self) -> bool:
        return any(column.has_footer() for column in self.columns)
