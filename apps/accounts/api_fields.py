"""Numbers and times in API documents.

Numbers are decimal strings in the sizes of the database; in a request an integer is understood too.
"""

import datetime as dt
from decimal import Decimal
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import DateTimeField, DecimalField

Amount = partial(DecimalField, max_digits=14, decimal_places=2)
UnitPrice = partial(DecimalField, max_digits=12, decimal_places=4, min_value=Decimal(0))
Quantity = partial(DecimalField, max_digits=12, decimal_places=3)
SomeQuantity = partial(Quantity, min_value=Decimal("0.001"))
Percentage = partial(DecimalField, max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))


EARLIEST_YEAR = 1970
"""Before it zones were told in minutes and seconds that no other system writes the same way."""


class ZonedTime(DateTimeField):
    """A moment that needs no guess about its zone, in the days of computers."""

    default_error_messages = {
        "zone": _("Send a time with its zone, as in 2026-11-21T12:00:00+01:00."),
        "early": _("Send a time after 1970."),
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if timezone.is_naive(value):
            self.fail("zone")
        if value.year < EARLIEST_YEAR:
            self.fail("early")
        return super().enforce_timezone(value)
