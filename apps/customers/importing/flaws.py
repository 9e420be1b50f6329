"""What can be wrong with a row of customers, and how to mend it."""

from django.utils.translation import gettext_noop

from apps.core.inbox.documents import Flaw

NOBODY = Flaw(
    "nobody",
    gettext_noop("Nothing in this row tells the customer from anybody else."),
    gettext_noop("Give a customer number, card, e-mail address or phone number."),
)
FORGOTTEN = Flaw(
    "forgotten",
    gettext_noop("This is somebody who asked to be forgotten."),
    gettext_noop("Leave the row out. Somebody who comes back signs up themselves."),
)
BAD_EMAIL = Flaw(
    "invalid_email",
    gettext_noop("“%(value)s” is no e-mail address."),
    gettext_noop("Mend the address, or leave the cell empty."),
)
BAD_PHONE = Flaw(
    "invalid_phone",
    gettext_noop("“%(value)s” is no phone number."),
    gettext_noop("Write it with the country code, such as +31 6 12345678, or leave the cell empty."),
)
BAD_CARD = Flaw(
    "invalid_card",
    gettext_noop("“%(value)s” is no card number."),
    gettext_noop("A card number has 6 to 20 digits and nothing else."),
)
BAD_DATE = Flaw(
    "invalid_date",
    gettext_noop("“%(value)s” is no date that can be meant here."),
    gettext_noop("Write day, month and year, such as 21-3-1974 or 1974-03-21."),
)
BAD_WORD = Flaw(
    "invalid_choice",
    gettext_noop("“%(value)s” is neither yes nor no."),
    gettext_noop("Write yes or no, or leave the cell empty."),
)
BAD_POINTS = Flaw(
    "invalid_points",
    gettext_noop("“%(value)s” is no number of points."),
    gettext_noop("Write a whole number from 0 to 10,000,000, or leave the cell empty."),
)
POINTS_OF_NO_CARD = Flaw(
    "points_of_no_card",
    gettext_noop("There are %(value)s points, but no card that they could be on."),
    gettext_noop("Give the card, or leave the points out."),
)
NO_STORE = Flaw(
    "unknown_store",
    gettext_noop("There is no store “%(value)s”."),
    gettext_noop("Give the code of a store, or leave the cell empty."),
)
