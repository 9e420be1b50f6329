"""Kinds of flaws in a word or two, for choosing among them; the reason itself stands with each row."""

from django.utils.translation import gettext_lazy as _

_WORDS = {
    "changed_since": _("came again, changed"),
    "conflict": _("came again, changed"),
    "does_not_add_up": _("does not add up"),
    "formula": _("formula in a cell"),
    "fraction": _("part of a piece"),
    "invalid": _("cannot be read"),
    "invalid_choice": _("value that does not exist"),
    "invalid_customer": _("no customer number"),
    "invalid_date": _("no date"),
    "invalid_gtin": _("no bar code"),
    "invalid_invoice_number": _("no invoice number"),
    "negative_amount": _("negative amount"),
    "negative_price": _("negative price"),
    "negative_quantity": _("negative quantity"),
    "no_owner": _("store without an owner"),
    "no_stock_code": _("no stock code"),
    "not_a_list": _("no list"),
    "not_a_number": _("no number"),
    "not_a_ticket": _("no ticket"),
    "not_due": _("not to be paid"),
    "not_on_order": _("not on the order"),
    "null_byte": _("no text"),
    "other_currency": _("other currency"),
    "other_customer": _("other customer"),
    "other_store": _("other store"),
    "out_of_range": _("out of range"),
    "positive_quantity": _("positive quantity"),
    "refused": _("refused"),
    "stock_adjustment": _("stock adjustment, no sale"),
    "too_precise": _("too many decimals"),
    "unknown_gtin": _("unknown bar code"),
    "unknown_order": _("unknown order"),
    "unknown_sku": _("unknown SKU"),
    "unknown_store": _("unknown store"),
    "wrong_cells": _("wrong number of cells"),
    "zero_quantity": _("quantity of zero"),
    **dict.fromkeys(("blank", "empty", "null", "required"), _("missing")),
    **dict.fromkeys(("max_length", "min_length"), _("wrong length")),
    **dict.fromkeys(("max_digits", "max_value", "max_whole_digits", "min_value"), _("too large or too small")),
    "max_decimal_places": _("too many decimals"),
}


def flaw_in_words(code: str) -> str:
    """A kind of flaw in words; one nobody named here goes by its code."""
    return str(_WORDS.get(code, code.replace("_", " ")))
