"""Background work on returns."""

from celery import shared_task

from apps.returns.services.withdrawing import lapse_announced


@shared_task(name="returns.lapse_announced", ignore_result=True)
def lapse_announced_returns() -> None:
    """Withdraw announced returns that nobody brought in time."""
    while lapse_announced():
        pass
