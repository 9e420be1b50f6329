"""How many of a product, in a form about goods."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.catalogue.models import Variant


def quantity_field(variant: Variant, *, label: Any, initial: Decimal, most: int) -> forms.DecimalField:
    """By the piece, or to the thousandth of what is sold by weight or length."""
    by_piece = not variant.allows_fractions
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=most,
        decimal_places=0 if by_piece else 3,
        localize=True,
        initial=initial.normalize(),
        widget=forms.TextInput({"inputmode": "numeric" if by_piece else "decimal", "autocomplete": "off"}),
    )
