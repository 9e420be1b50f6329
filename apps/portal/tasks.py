"""Background work of the portal."""

from celery import shared_task

from apps.portal.importing.services import forget_expired


@shared_task(name="portal.forget_imports", ignore_result=True)
def forget_imports() -> None:
    """Delete uploaded files that are kept long enough, with what was found in them."""
    forget_expired()
