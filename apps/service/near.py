"""What the service desk says about looks at customers."""

import datetime as dt
from collections.abc import Sequence

from apps.service.models import ContactMoment


def contacts_near(source_record_ids: Sequence[int], since: dt.datetime, until: dt.datetime) -> set[int]:
    """Of these records, those that somebody spoke with in that time."""
    moments = ContactMoment.objects.filter(
        source_record__in=source_record_ids, occurred_at__gte=since, occurred_at__lt=until
    )
    return {pk for pk in moments.order_by().values_list("source_record", flat=True).distinct() if pk is not None}
