"""What people fill in about transfers: what is asked for, and why the numbers differ."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.catalogue.services.finding import variants_by_code
from apps.inventory.models import TransferLine
from apps.inventory.services.transfers.types import Counted
from apps.portal.filters import LongSelect

MOST_LINES = 100
_LINE = re.compile(r"([^\s;,]+)(?:[\s;,]+(\d{1,9}(?:[.,]\d{1,3})?))?")


class RequestForm(forms.Form):
    """From where, to where, and what: one product a line, as a scanner types them."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    sender = forms.ChoiceField(label=gettext_lazy("From"), widget=LongSelect)
    receiver = forms.ChoiceField(label=gettext_lazy("To"), widget=LongSelect)
    goods = forms.CharField(
        label=gettext_lazy("Goods"),
        max_length=6000,
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
        found: dict[int, tuple[Variant, Decimal]] = {}
        for n, text in enumerate(self.cleaned_data["goods"].splitlines(), start=1):
            if not text.strip():
                continue
            written = _LINE.fullmatch(text.strip())
            variant = variants_by_code(self._variants, written[1]).first() if written else None
            if written is None or variant is None:
                raise forms.ValidationError(
                    _("Line %(line)s: “%(text)s” is not known.") % {"line": n, "text": text[:60]}
                )
            quantity = Decimal((written[2] or "1").replace(",", "."))
            before = found.get(variant.pk, (variant, Decimal(0)))[1]
            found[variant.pk] = (variant, before + quantity)
        if len(found) > MOST_LINES:
            raise forms.ValidationError(_("At most %(most)s products on one transfer.") % {"most": MOST_LINES})
        return list(found.values())

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
