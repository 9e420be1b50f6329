"""What is left of somebody who was forgotten: proof that it was done, and what keeps an import from bringing them back."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from apps.core.ids import new_id


class Erasure(models.Model):
    """One person forgotten. `records` are the keys of their source records, `digests` keyed digests of what they were known by.

    Nothing of it says who it was. The same stands in a file outside the database, which survives its restore.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_key = models.UUIDField()
    records = ArrayField(models.UUIDField())
    digests = ArrayField(models.UUIDField())
    erased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [GinIndex(fields=["digests"], name="erasure_digests")]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.pk)
