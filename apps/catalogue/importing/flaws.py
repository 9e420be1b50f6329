"""What can be wrong with a row of articles, and how to mend it."""

from django.utils.translation import gettext_noop

from apps.core.inbox.documents import Flaw

BAD_GTIN = Flaw(
    "invalid_gtin",
    gettext_noop("“%(value)s” is no GTIN: a digit is wrong or missing."),
    gettext_noop("Type the 8, 12, 13 or 14 digits as they stand on the label."),
)
NO_CATEGORY = Flaw(
    "unknown_category",
    gettext_noop("There is no category “%(value)s”."),
    gettext_noop("Choose one of the codes of the categories, or leave the cell empty."),
)
TAKEN_GTIN = Flaw(
    "gtin_taken",
    gettext_noop("GTIN %(value)s belongs to %(sku)s."),
    gettext_noop("A bar code stands for one variant; check which."),
)
OTHER_PRODUCT = Flaw(
    "other_product",
    gettext_noop("%(sku)s is a variant of product %(product)s."),
    gettext_noop("Leave the cell empty, or give the variant another SKU."),
)
OTHER_UNIT = Flaw(
    "other_unit",
    gettext_noop("%(sku)s is sold by another unit."),
    gettext_noop("The unit of a variant stays as it is; give a new one another SKU."),
)
AT_ODDS = Flaw(
    "at_odds",
    gettext_noop("Row %(other)s gives product %(product)s another value."),
    gettext_noop("Give all rows of a product the same value."),
)
NO_LIST = Flaw(
    "no_price_list",
    gettext_noop("There is a price, but no price list was chosen."),
    gettext_noop("Load the file again and choose a price list, or leave the column out."),
)
PRICED = Flaw(
    "already_priced",
    gettext_noop("From that day on there is already another price."),
    gettext_noop("Choose another day: a price that was published is never changed."),
)
