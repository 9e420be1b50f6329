"""A field for an amount of money, read as people write it: 12,50 and 12.50, 1.250 and 1,250.00 alike."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format

_WRITTEN = re.compile(r"(-?)([1-9]\d{0,2}(?:([.,])\d{3})(?:\3\d{3})*|\d*)(?:[.,](\d{1,2}))?")


class AmountField(forms.DecimalField):
    """An amount with at most two decimals. A point or comma before three digits parts thousands, whatever the language."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_digits": 12, "decimal_places": 2} | kwargs))
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (text := re.sub(r"[\s€]", "", value)):
            written = _WRITTEN.fullmatch(text)
            if written is None:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            sign, whole, _mark, cents = written.groups()
            value = f"{sign}{re.sub('[.,]', '', whole) or 0}.{cents or 0}"
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return number_format(value, 2, use_l10n=True) if isinstance(value, Decimal) else value
