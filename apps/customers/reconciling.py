"""Customers against the edges between their records, and against what the records say; the log of looks against its seals."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.core.reconcile import Difference, check
from apps.customers.models import Erasure
from apps.customers.review.seals import broken_seals
from apps.customers.rights.keeping import read
from apps.customers.services.projecting import unlike_their_records
from apps.customers.services.regrouping import groups

_MOST = 300

# Only records of customers with more than one record, and those that a living edge names, can be elsewhere than they belong.
_LIVING = """
    SELECT left_id, right_id FROM (
        SELECT DISTINCT ON (left_id, right_id) left_id, right_id, kind FROM customers_edge ORDER BY left_id, right_id, id DESC
    ) AS word WHERE kind = 'same'
"""
_SEVERAL = """
    SELECT id, customer_id FROM customers_sourcerecord
     WHERE customer_id IN (SELECT customer_id FROM customers_sourcerecord GROUP BY customer_id HAVING count(*) > 1)
        OR id = ANY(%s::bigint[])
"""


def customers_unlike_their_edges() -> Sequence[Difference]:
    """Records that hang together but are not one customer, and customers whose records do not hang together."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVING)
        living = cursor.fetchall()
        cursor.execute(_SEVERAL, [sorted({record for those in living for record in those})])
        belongs = dict(cursor.fetchall())
    of_customer: defaultdict[int, int] = defaultdict(int)
    differences = []
    for group in groups(belongs, living):
        customers = {belongs[record] for record in group}
        if len(customers) > 1:
            differences.append(Difference(f"records from {group[0]}: customers", len(customers), 1))
        for customer in customers:
            of_customer[customer] += 1
    differences += [
        Difference(f"customer {customer}: groups of records", count, 1)
        for customer, count in of_customer.items()
        if count > 1
    ]
    return differences[:_MOST]


def customers_unlike_their_records() -> Sequence[Difference]:
    """Customers whose fields are not what their records say. What they say is not told here: it is about people."""
    return [
        Difference(f"customer {key}: {field}", "shown", "told otherwise") for key, field in unlike_their_records(_MOST)
    ]


def erasures_unlike_their_file() -> Sequence[Difference]:
    """Erasures that a restore of the database would undo, or did undo: see `manage.py replay_erasures`."""
    kept = {erasure.pk for erasure in read()}
    done = set(Erasure.objects.values_list("pk", flat=True))
    found = {"erasures only in the database": len(done - kept), "erasures only in the file": len(kept - done)}
    return [Difference(what, count, 0) for what, count in found.items() if count]


check(
    "Erasures = their file outside the database",
    erasures_unlike_their_file,
    label=_("Everybody who was forgotten stands in the file outside the database, and the other way round"),
)
check(
    "Customers = records that hang together by edges",
    customers_unlike_their_edges,
    label=_("Each customer is what hangs together by living edges"),
)
check(
    "Customers' fields = their source records",
    customers_unlike_their_records,
    label=_("What is shown of each customer is what their records say"),
)
check("Looks at customers = their seals", broken_seals, label=_("Log of looks and its seals"))
