"""Background work of the loyalty programme."""

from celery import shared_task
from django.utils import timezone

from apps.loyalty.enrolment.inviting import forget_unused
from apps.loyalty.services.activating import activate_due


@shared_task(name="loyalty.activate", ignore_result=True)
def activate() -> None:
    """Let points count whose return period is over."""
    activate_due(day=timezone.localdate())


@shared_task(name="loyalty.forget_invitations", ignore_result=True)
def forget_invitations() -> None:
    """Forget the invitations that nobody took up."""
    forget_unused()
