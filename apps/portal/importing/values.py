"""From the cells of a row to valid values, or to words that say what is wrong and how to mend it."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.core.inbox.documents import Flaw
from apps.core.inbox.sheets import Cell, shown
from apps.portal.importing.kinds import ImportKind, Problem

MISSING = Flaw("required", _("%(column)s is missing."), _("Fill it in; without it the row cannot be used."))
NO_NUMBER = Flaw("invalid", _("“%(value)s” is no number."), _("Write a number such as %(example)s."))
OTHER_MARK = Flaw(
    "decimal_mark",
    _("“%(value)s” has another decimal mark than the rest of the file."),
    _("Write %(example)s, or choose another decimal mark for the file."),
)
SCIENTIFIC = Flaw(
    "scientific",
    _("“%(value)s” is a long number that a spreadsheet has shortened; its last digits are lost."),
    _("Give the column the format Text, fill the numbers in again and save the file."),
)
FORMULA_ERROR = Flaw("formula", _("“%(value)s” is the error of a formula."), _("Mend the formula, or type the value."))
TWICE = Flaw(
    "twice",
    _("“%(value)s” stands in row %(other)s too."),
    _("Keep one of the two rows."),
)
REFUSED = Flaw("refused", _("%(detail)s"), _("Mend the value and load the file again."))
_BY_CODE = {
    "max_value": Flaw("max_value", _("%(value)s is too large."), _("Check the decimal mark.")),
    "min_value": Flaw("min_value", _("%(value)s is too small."), _("Write a number that is not negative.")),
    "max_digits": Flaw("max_digits", _("%(value)s has too many digits."), _("Check the decimal mark.")),
    "max_whole_digits": Flaw("max_digits", _("%(value)s has too many digits."), _("Check the decimal mark.")),
    "max_decimal_places": Flaw("max_decimals", _("%(value)s has too many decimals."), _("Round it.")),
    "max_length": Flaw("max_length", _("“%(value)s” is too long."), _("Shorten it to %(limit)s characters.")),
    "invalid_choice": Flaw("invalid_choice", _("“%(value)s” is not known here."), _("Choose one of: %(choices)s.")),
    "blank": MISSING,
    "required": MISSING,
    "null": MISSING,
}
_SCIENTIFIC = re.compile(r"^\d+(?:[.,]\d+)?[eE]\+?\d+$")
_FORMULA_ERRORS = frozenset(
    {"#N/A", "#N/B", "#REF!", "#VALUE!", "#WAARDE!", "#NAME?", "#NAAM?", "#DIV/0!", "#DEEL/0!", "#VERW!"}
)
_SPACES = str.maketrans("", "", " \u00a0\u202f'€")
_EXAMPLES = {",": "12,50", ".": "12.50"}


class RowReader:
    """Reads rows of one file: `places` says in which cell each column of the kind stands."""

    def __init__(self, kind: ImportKind, places: Mapping[str, int], decimal: str) -> None:
        self.kind = kind
        self.places = places
        self.decimal = decimal
        self.serializer = kind.serializer_class()
        self.fields = self.serializer.fields

    def read(self, cells: list[Cell]) -> tuple[dict[str, Any], list[Problem]]:
        """The values of a row and what is wrong with it. Empty cells are left out."""
        raw: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, place in self.places.items():
            cell = cells[place] if place < len(cells) else ""
            text = shown(cell).strip()
            if not text:
                continue
            if (flaw := self._flaw_of_text(text)) is not None:
                problems.append(Problem(name, text, flaw))
                continue
            if isinstance(self.fields[name], serializers.DecimalField):
                number = cell if isinstance(cell, Decimal) else self._number(name, text, problems)
                if number is not None:
                    raw[name] = number
            else:
                raw[name] = text
        flawed = {problem.column for problem in problems}
        try:
            values = self.serializer.run_validation(raw)
        except serializers.ValidationError as error:
            details: Any = error.detail
            for name, found in details.items():
                if name not in flawed:
                    problems += [self._in_words(name, shown_value(raw.get(name)), detail) for detail in found]
            return {}, problems
        return ({} if problems else dict(values)), problems

    def _flaw_of_text(self, text: str) -> Flaw | None:
        if text in _FORMULA_ERRORS:
            return FORMULA_ERROR
        return SCIENTIFIC if _SCIENTIFIC.match(text) else None

    def _number(self, name: str, text: str, problems: list[Problem]) -> Decimal | None:
        """A number as people write it: 1.234,50 or 1,234.50 by the mark of the file, with or without a currency."""
        bare = text.translate(_SPACES).replace("\N{MINUS SIGN}", "-")
        thousands = "." if self.decimal == "," else ","
        whole, mark, fraction = bare.partition(self.decimal)
        groups = whole.lstrip("-").split(thousands)
        if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
            problems.append(Problem(name, text, OTHER_MARK, {"example": _EXAMPLES[self.decimal]}))
            return None
        plain = whole.replace(thousands, "") + ("." + fraction if mark else "")
        if not re.fullmatch(r"-?\d+(\.\d+)?", plain, re.ASCII):
            problems.append(Problem(name, text, NO_NUMBER, {"example": _EXAMPLES[self.decimal]}))
            return None
        return Decimal(plain)

    def _in_words(self, name: str, value: str, detail: ErrorDetail) -> Problem:
        known = self.fields.get(name)
        code = str(detail.code)
        flaw = self.kind.flaws.get(code) or _BY_CODE.get(code)
        if flaw is None:
            return Problem(name, value, REFUSED, {"detail": str(detail)})
        params = {}
        if detail.code == "max_length":
            params["limit"] = str(getattr(known, "max_length", ""))
        if detail.code == "invalid_choice":
            params["choices"] = ", ".join(str(choice) for choice in getattr(known, "choices", ()))
        return Problem(name, value, flaw, params)


def shown_value(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
