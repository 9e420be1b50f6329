"""What can be wrong with a row of the file, and what to do about it."""

from django.utils.translation import gettext_noop as _

from apps.core.inbox.documents import Flaw

WRONG_CELLS = Flaw(
    "wrong_cells",
    _("The row has %(value)s cells instead of 8."),
    _("Look for a missing or superfluous comma or quotation mark, correct the row."),
)
NO_INVOICE = Flaw(
    "invalid_invoice_number",
    _("“%(value)s” is no invoice number: digits, after a C for a credit note or an A for an adjustment."),
    _("Put the invoice number in."),
)
FORMULA = Flaw(
    "formula",
    _("%(field)s begins with “%(sign)s”, as a spreadsheet formula does."),
    _("Put the plain value in."),
)
NO_CODE = Flaw(
    "no_stock_code",
    _("The stock code is empty or longer than 40 characters."),
    _("Put the stock code in."),
)
NOT_A_NUMBER = Flaw(
    "not_a_number",
    _("%(field)s “%(value)s” is not a number."),
    _("Put the number in, with a point before the decimals."),
)
OUT_OF_RANGE = Flaw(
    "out_of_range",
    _("%(field)s %(value)s is too large to be true."),
    _("Put the true value in."),
)
TOO_PRECISE = Flaw(
    "too_precise",
    _("%(field)s %(value)s is finer than can be kept: whole pieces, prices in four decimals."),
    _("Round it as the invoice did."),
)
NO_DATE = Flaw(
    "invalid_date",
    _("InvoiceDate “%(value)s” is not a moment between 1990 and today, such as 2010-12-01 08:26:00."),
    _("Put the moment in."),
)
BAD_CUSTOMER = Flaw(
    "invalid_customer",
    _("CustomerID “%(value)s” is not a number."),
    _("Put the customer's number in or leave it empty."),
)
OTHER_CUSTOMER = Flaw(
    "other_customer",
    _("The row names customer “%(value)s”, the first row of this invoice another one."),
    _("Find out whose invoice this is, correct the number."),
)
NO_QUANTITY = Flaw(
    "zero_quantity",
    _("The quantity is zero."),
    _("Put the quantity in or leave the row out."),
)
NEGATIVE_QUANTITY = Flaw(
    "negative_quantity",
    _("A quantity of %(value)s on an ordinary invoice: goods that come back belong on a credit note (C…)."),
    _("Book it as a credit note."),
)
POSITIVE_QUANTITY = Flaw(
    "positive_quantity",
    _("A quantity of %(value)s on a credit note: goods that are sold belong on an ordinary invoice."),
    _("Book it as an invoice."),
)
NEGATIVE_PRICE = Flaw(
    "negative_price",
    _("A price of %(value)s: only adjustments (A…) have negative prices."),
    _("Book it as an adjustment or a credit note."),
)
STOCK_ADJUSTMENT = Flaw(
    "stock_adjustment",
    _(
        "No sale: an invoice without a customer and without any price, as this shop wrote off or found stock. Remark: %(text)s"
    ),
    _("Nothing is missing from the money. Where stock history matters, book it as a count or a loss."),
)
