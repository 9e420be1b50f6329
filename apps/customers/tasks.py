"""What runs by the clock."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from apps.core.days import is_night
from apps.customers.resolving.arriving import match_waiting
from apps.customers.resolving.rebuilding import match_if_due
from apps.customers.review.seals import seal_days
from apps.customers.review.services import review
from apps.customers.rights.protecting import end_what_ran_out
from apps.customers.rights.retention.letting_go import let_go_if_due
from apps.customers.segments.services.counting import count_all
from apps.customers.services.setting_apart import set_apart_shared


@shared_task(name="customers.count_segments", ignore_result=True)
def count_segments() -> None:
    """Count each segment once a night."""
    if is_night():
        count_all(older_than=timezone.now() - dt.timedelta(hours=12))


@shared_task(name="customers.match_waiting", ignore_result=True)
def match_who_waits() -> None:
    """Hold records of which something new was told against the others."""
    while match_waiting():
        pass


@shared_task(name="customers.match_nightly", ignore_result=True)
def match_everybody_tonight() -> None:
    """All records, once a night."""
    match_if_due()


@shared_task(name="customers.review_looks", ignore_result=True)
def review_looks() -> None:
    """Find looks at customers that somebody should review."""
    review()


@shared_task(name="customers.seal_looks", ignore_result=True)
def seal_looks() -> None:
    """Seal the looks of days that are over."""
    seal_days()


@shared_task(name="customers.set_apart_shared", ignore_result=True)
def set_apart_what_is_shared() -> None:
    """Set apart each identifier that too many people share."""
    set_apart_shared()


@shared_task(name="customers.let_go", ignore_result=True)
def let_go_of_what_is_over() -> None:
    """Let go of what was kept for its term."""
    let_go_if_due()


@shared_task(name="customers.end_protections", ignore_result=True)
def end_protections() -> None:
    """End restrictions and holds whose day is over."""
    end_what_ran_out()
