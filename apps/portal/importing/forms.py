"""What somebody is asked: which file, how it is read, and which column is which."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.inbox.sheets import DECIMAL_MARKS, ENCODINGS, SEPARATORS, Reading, sheets_of
from apps.portal.importing.kinds import ImportKind

COLUMN = "column_"


class UploadForm(forms.Form):
    """The file alone: a browser forgets it when a form comes back, so whatever can be wrong is asked once it is kept."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or XLSX with a header row, at most 64 MB. Only you can see it; it is kept for a week."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )


class ReadingForm(forms.Form):
    """How a file is read, and which of its columns is which."""

    def __init__(
        self, *args: Any, kind: ImportKind, reading: Reading, header: Sequence[str], path: Path, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        if reading.format == "xlsx":
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=[(name, name) for name in sheets_of(path)], initial=reading.sheet
            )
        else:
            self.fields["encoding"] = forms.ChoiceField(
                label=_("Encoding"), choices=list(ENCODINGS.items()), initial=reading.encoding
            )
            separators = [(mark, _("tab") if mark == "\t" else name) for mark, name in SEPARATORS.items()]
            # The field may not strip its value: a tab would be gone.
            self.fields["separator"] = forms.TypedChoiceField(
                label=_("Separator"), choices=separators, initial=reading.separator
            )
        self.fields["decimal"] = forms.ChoiceField(
            label=_("Decimal mark"), choices=list(DECIMAL_MARKS.items()), initial=reading.decimal
        )
        heads = [("", _("not in this file")), *[(head, head) for head in dict.fromkeys(header) if head]]
        for column in kind.columns:
            self.fields[COLUMN + column.name] = forms.ChoiceField(
                label=f"{column.label} {_('(needed)')}" if column.required else str(column.label),
                required=False,
                choices=heads,
                help_text=column.help,
            )

    @property
    def how(self) -> list[forms.BoundField]:
        """The fields that say how cells are read."""
        return [self[name] for name in self.fields if not name.startswith(COLUMN)]

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(COLUMN)]

    def reading(self, before: Reading) -> Reading:
        chosen = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in {"encoding", "separator", "decimal", "sheet"}
        }
        return Reading(**(before.as_json() | chosen))

    def mapping(self) -> dict[str, str]:
        return {
            name.removeprefix(COLUMN): value for name, value in self.cleaned_data.items() if name.startswith(COLUMN)
        }
