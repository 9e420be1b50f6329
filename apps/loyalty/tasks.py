"""Background work of the loyalty programme."""

from celery import shared_task
from django.utils import timezone

from apps.loyalty.services.activating import activate_due


@shared_task(name="loyalty.activate", ignore_result=True)
def activate() -> None:
    """Let points count whose return period is over."""
    activate_due(day=timezone.localdate())
