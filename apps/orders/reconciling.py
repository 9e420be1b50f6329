"""Places that were taken in time slots against the orders that have them."""

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check

_SQL = """
SELECT location.code, day.starts_at, day.taken, count(booking.id)
  FROM inventory_slotday AS day
  JOIN network_location AS location ON location.id = day.location_id
  LEFT JOIN orders_slotbooking AS booking ON booking.slot_id = day.id
 GROUP BY location.code, day.id
HAVING day.taken <> count(booking.id) LIMIT 500
"""


def slot_differences() -> list[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL)
        return [
            Difference(f"{code} · {at:%Y-%m-%d %H:%M} UTC", taken, had) for code, at, taken, had in cursor.fetchall()
        ]


check(
    "places in time slots = orders brought in them",
    slot_differences,
    label=_("The places taken in a time slot are those of the orders that are brought in it"),
)
