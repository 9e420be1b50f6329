"""Forms of the counter: how many of each line come back, why, and in which condition."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.money import ZERO, plain
from apps.inventory.models import Condition
from apps.portal import formats
from apps.returns.models import GRADES, Reason

_LARGEST = Decimal(10**9)


class ShownForm(forms.Form):
    """What the customer shows."""

    code = forms.CharField(max_length=128, strip=True)


@dataclass(frozen=True)
class Goods:
    """A line that can come back: its number (of the order or of the return), what it is, and how many at most."""

    line: int
    name: str
    sku: str
    most: Decimal
    by_piece: bool
    reason: str | None = Reason.UNKNOWN  # None: it was said when the return was announced
    expected: Decimal = ZERO


@dataclass(frozen=True)
class Chosen:
    """So many pieces of a line in one condition."""

    line: int
    quantity: Decimal
    grade: str
    reason: str


class GoodsForm(forms.Form):
    """For each line how many go back on the shelf and how many are set apart."""

    def __init__(self, *args: Any, goods: Iterable[Goods], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goods = list(goods)
        for thing in self.goods:
            step = "1" if thing.by_piece else "any"
            for grade, label in (
                (Condition.SALEABLE, gettext_lazy("Back on the shelf")),
                (Condition.DAMAGED, gettext_lazy("Damaged, set apart")),
            ):
                widget = forms.NumberInput(
                    attrs={
                        "class": "input num",
                        "inputmode": "numeric" if thing.by_piece else "decimal",
                        "max": plain(thing.most),
                        "step": step,
                    }
                )
                self.fields[f"{grade}-{thing.line}"] = forms.DecimalField(
                    label=label,
                    min_value=0,
                    required=False,
                    widget=widget,
                    initial=plain(thing.expected if grade == Condition.SALEABLE else ZERO),
                    max_digits=12,
                    decimal_places=3,
                )
            if thing.reason is not None:
                self.fields[f"reason-{thing.line}"] = forms.ChoiceField(
                    label=gettext_lazy("Why"), choices=Reason.choices, required=False, initial=thing.reason
                )

    @property
    def rows(self) -> Iterator[tuple[Goods, list[forms.BoundField], forms.BoundField | None]]:
        """(goods, the fields that count them, the field that says why)."""
        for thing in self.goods:
            counts = [self[f"{grade}-{thing.line}"] for grade in GRADES]
            yield thing, counts, self[f"reason-{thing.line}"] if thing.reason is not None else None

    @classmethod
    def stepped(cls, data: Mapping[str, str], *, goods: Iterable[Goods], name: str, by: int) -> "GoodsForm":
        """The form as filled in, with one more or one less in the field `name`; never below nothing nor above the most."""
        things = list(goods)
        values = {key: data[key] for key in data}
        for thing in things:
            if name in {f"{grade}-{thing.line}" for grade in GRADES}:
                others = sum((_number(data.get(f"{g}-{thing.line}")) for g in GRADES), ZERO)
                now = _number(data.get(name))
                values[name] = plain(max(ZERO, min(now + by, thing.most - (others - now))))
        return cls(initial=values, goods=things)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for thing in self.goods:
            asked = ZERO
            for grade in GRADES:
                name = f"{grade}-{thing.line}"
                quantity = cleaned.get(name) or ZERO
                if thing.by_piece and quantity % 1:
                    self.add_error(name, _("This is sold by the piece."))
                asked += quantity
            if asked > thing.most:
                most = formats.quantity(thing.most)
                self.add_error(
                    f"{Condition.SALEABLE}-{thing.line}", _("At most %(most)s can come back.") % {"most": most}
                )
        if not self.errors and not self.chosen:
            raise forms.ValidationError(_("Say how many pieces come back."), code="required")
        return cleaned

    @property
    def chosen(self) -> list[Chosen]:
        """What was filled in, in the order of the lines."""
        chosen = []
        for thing in self.goods:
            reason = self.cleaned_data.get(f"reason-{thing.line}") or Reason.UNKNOWN
            for grade in GRADES:
                if quantity := self.cleaned_data.get(f"{grade}-{thing.line}"):
                    chosen.append(Chosen(thing.line, quantity, grade, reason))
        return chosen

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The filled-in fields once more, for the page that asks whether it is right."""
        return [(name, str(self.data.get(self.add_prefix(name), ""))) for name in self.fields]


def _number(text: str | None) -> Decimal:
    """A quantity as somebody typed it so far; nothing where it is none."""
    try:
        number = Decimal((text or "0").replace(",", "."))
    except InvalidOperation:
        return ZERO
    return number if number.is_finite() and 0 <= number < _LARGEST else ZERO
