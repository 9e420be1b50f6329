"""What the four ledgers share: a row is written once, says why, and is only followed by other rows."""

import pgtrigger
from django.db import models
from django.utils import timezone

INSERT_ONLY = [
    pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
]

# The columns of a row's cause, in the order in which every ledger is written.
CAUSE = (
    *("cause_type", "cause_id", "cause_line", "kind", "part"),
    *("recorded_on", "occurred_at", "recorded_at", "business_date", "actor"),
)


class LedgerRow(models.Model):
    """A fact with its cause.

    The cause is the document line that made it: (`cause_type`, `cause_id`, `cause_line`), with `kind` for what happened
    and `part` where one line has several rows of a kind. `recorded_on` is copied from the cause, so that replaying the
    cause meets the first row instead of making a second, and the table can be partitioned by date later.
    """

    cause_type = models.CharField(max_length=32)
    cause_id = models.CharField(max_length=64)
    cause_line = models.IntegerField(default=0)
    kind = models.CharField(max_length=24)
    part = models.SmallIntegerField(default=0)
    recorded_on = models.DateField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    business_date = models.DateField()
    actor = models.CharField(max_length=64)

    class Meta:
        abstract = True
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.kind} {self.cause_type} {self.cause_id}/{self.cause_line}"


def once_per_cause(name: str) -> models.UniqueConstraint:
    """The constraint that makes a replay of a cause a no-op."""
    return models.UniqueConstraint(
        fields=["cause_type", "cause_id", "cause_line", "kind", "part", "recorded_on"], name=name
    )
