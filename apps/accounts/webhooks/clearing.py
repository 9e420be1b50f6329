"""What becomes of deliveries in time."""

import datetime as dt

from django.utils import timezone

from apps.accounts.webhooks.models import DeliveryStatus, WebhookDelivery
from apps.accounts.webhooks.sending import TRIES_FOR

KEPT_FOR = dt.timedelta(days=30)


def clear_up() -> None:
    """Give up what waited longer than it is tried for, as that of an endpoint which is switched off; forget what is old."""
    now = timezone.now()
    waiting = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING, made_at__lt=now - TRIES_FOR)
    waiting.update(status=DeliveryStatus.GIVEN_UP)
    WebhookDelivery.objects.filter(made_at__lt=now - KEPT_FOR).exclude(status=DeliveryStatus.WAITING).delete()
