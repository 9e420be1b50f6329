"""What people fill in about transfers: what is asked for, and why the numbers differ."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.models import TransferLine
from apps.inventory.services.transfers.types import Counted
from apps.inventory.typed_goods import LONGEST_TEXT, goods_in
from apps.portal.filters import LongSelect


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
    """How many of each line, and why where that is not what it should be."""

    def __init__(
        self,
        *args: Any,
        lines: Iterable[TransferLine],
        wanted: Mapping[int, Decimal],
        reasons: Sequence[tuple[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.wanted = list(lines), wanted
        for line in self.lines:
            name = f"quantity-{line.line}"
            self.fields[name] = forms.DecimalField(
                widget=forms.HiddenInput, initial=f"{line.counted.normalize():f}", max_digits=12, decimal_places=3
            )
            if self._counted(name, line) != wanted[line.line]:
                self.fields[f"reason-{line.line}"] = forms.ChoiceField(
                    label=gettext_lazy("Why"),
                    choices=[("", gettext_lazy("choose one")), *reasons],
                    error_messages={"required": gettext_lazy("Say why the number differs.")},
                )

    def _counted(self, name: str, line: TransferLine) -> Decimal | None:
        if not self.is_bound:
            return line.counted
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
    def counted(self) -> list[Counted]:
        given = self.cleaned_data
        return [
            Counted(line.line, given[f"quantity-{line.line}"], given.get(f"reason-{line.line}", ""))
            for line in self.lines
        ]
