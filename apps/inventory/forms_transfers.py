"""What people fill in about transfers: what is asked for, and why the numbers differ."""

import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.models import TransferLine
from apps.inventory.services.transfers.counting import Counting, counted_of, expected
from apps.inventory.services.transfers.types import LATER, Counted
from apps.inventory.typed_goods import LONGEST_TEXT, goods_in
from apps.portal.filters import LongSelect

MOST_GOES = 9999


class RequestForm(forms.Form):
    """From where, to where, and what: one product a line, as a scanner types them."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    sender = forms.ChoiceField(label=gettext_lazy("From"), widget=LongSelect)
    receiver = forms.ChoiceField(label=gettext_lazy("To"), widget=LongSelect)
    goods = forms.CharField(
        label=gettext_lazy("Goods"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy(
            "One product a line: SKU or bar code, then how many (nothing: one). A scanner can type here."
        ),
        widget=forms.Textarea(
            {"rows": 5, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(
        self,
        *args: Any,
        variants: Any,
        senders: Sequence[tuple[str, str]],
        receivers: Sequence[tuple[str, str]],
        own: frozenset[str] | None,
        **kwargs: Any,
    ) -> None:
        """`variants` are those the person may see, `own` the codes of their locations (None: all are)."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self._variants, self._own = variants, own
        for name, offered in (("sender", senders), ("receiver", receivers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext_lazy("choose one")), *offered]

    def clean_goods(self) -> list[tuple[Variant, Decimal]]:
        """(variant, quantity), each variant once: scanned twice is two."""
        return goods_in(self.cleaned_data["goods"], variants=self._variants)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        ends = {given.get("sender"), given.get("receiver")}
        if self._own is not None and None not in ends and not ends & self._own:
            self.add_error("receiver", _("One of the two must be a location of yours."))
        return given


class DifferencesForm(forms.Form):
    """How many of each line left or came in one go, and why where that is not what it should be."""

    number_of_go = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_GOES)

    def __init__(
        self,
        *args: Any,
        lines: Iterable[TransferLine],
        end: Counting,
        goes: int,
        reasons: Sequence[tuple[str, Any]],
        **kwargs: Any,
    ) -> None:
        """`goes` were booked before. A go that was, sent once more, asks nothing: what was said of it stands."""
        super().__init__(*args, **kwargs)
        self.lines, self.end = list(lines), end
        self.wanted = {line.line: expected(line, end) for line in self.lines}
        self.initial["number_of_go"] = goes + 1
        for line in self.lines:
            name = f"quantity-{line.line}"
            initial = f"{counted_of(line, end).normalize():f}"
            self.fields[name] = forms.DecimalField(
                widget=forms.HiddenInput, initial=initial, max_digits=12, decimal_places=3
            )
            counted, wanted = self._counted(name, line), self.wanted[line.line]
            if counted != wanted and not self._was_booked(goes):
                follows = [(LATER, gettext_lazy("Follows later"))] if counted is None or counted < wanted else []
                self.fields[f"reason-{line.line}"] = forms.ChoiceField(
                    label=gettext_lazy("Why"),
                    choices=[("", gettext_lazy("choose one")), *follows, *reasons],
                    error_messages={"required": gettext_lazy("Say why the number differs.")},
                )

    def _was_booked(self, goes: int) -> bool:
        go = self.data.get("number_of_go", "")
        return go.isascii() and go.isdigit() and len(go) < 5 and int(go) <= goes

    def _counted(self, name: str, line: TransferLine) -> Decimal | None:
        if not self.is_bound:
            return counted_of(line, self.end)
        try:
            return Decimal(str(self.data.get(name, "")))
        except InvalidOperation:
            return None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each line with what was counted of it, what was wanted, and the field that says why."""
        return [
            {
                "line": line,
                "quantity": self[f"quantity-{line.line}"],
                "counted": self._counted(f"quantity-{line.line}", line),
                "wanted": self.wanted[line.line],
                "reason": self[f"reason-{line.line}"] if f"reason-{line.line}" in self.fields else None,
            }
            for line in self.lines
        ]

    @property
    def go(self) -> int:
        """Which go this is, from 1."""
        return int(self.cleaned_data["number_of_go"])

    @property
    def counted(self) -> list[Counted]:
        given = self.cleaned_data
        return [
            Counted(line.line, given[f"quantity-{line.line}"], given.get(f"reason-{line.line}", ""))
            for line in self.lines
        ]
