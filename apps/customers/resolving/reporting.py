"""How good the joined picture is: what a run leaves, and how many joinings by likeness clerks found right."""

import math
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.customers.models import Doubt
from apps.customers.resolving.doubting import SAMPLE

_FIGURES = """
    WITH size AS (
        SELECT record.customer_id, count(*) AS records FROM customers_sourcerecord AS record GROUP BY 1
    ), birth AS (
        SELECT record.customer_id, count(DISTINCT told.birth_date) AS days
          FROM customers_sourcerecord AS record
         CROSS JOIN LATERAL (SELECT birth_date FROM customers_persondetails AS details
                              WHERE details.source_record_id = record.id ORDER BY details.id DESC LIMIT 1) AS told
         WHERE record.customer_id IN (SELECT customer_id FROM size WHERE records > 1)
         GROUP BY 1
    )
    SELECT (SELECT count(*) FROM size), (SELECT COALESCE(max(records), 0) FROM size),
           (SELECT count(*) FROM birth WHERE days > 1)
"""


def measure() -> dict[str, Any]:
    """Customers, the records of the largest, and how many have more than one date of birth."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES)
        customers, largest, days = cursor.fetchone()
    return {"customers": customers, "largest": largest, "birth_dates": days}


@dataclass(frozen=True)
class Precision:
    """Of `looked_at` pairs `right` were one person; between `low` and `high` it is, in 95 of 100 cases."""

    looked_at: int
    right: int
    low: float
    high: float


def precision(*, right: int, looked_at: int, z: float = 1.96) -> Precision:
    """The share that is right, with Wilson's interval: it holds for few, and for all or none right."""
    if not looked_at:
        return Precision(0, 0, 0.0, 1.0)
    share = right / looked_at
    spread = z * math.sqrt(share * (1 - share) / looked_at + z * z / (4 * looked_at * looked_at))
    middle, whole = share + z * z / (2 * looked_at), 1 + z * z / looked_at
    return Precision(looked_at, right, max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole))


def precision_found() -> Precision:
    """How many of the joinings by likeness that clerks were asked about were right, as far as they answered."""
    answered = Doubt.objects.filter(cause=SAMPLE, decided_by__startswith="user:")
    right = answered.filter(outcome=Doubt.Outcome.JOINED).count()
    return precision(right=right, looked_at=right + answered.filter(outcome=Doubt.Outcome.APART).count())
