"""Secrets of endpoints: derived from the installation's key, so that no table and no backup holds one."""

import base64
import datetime as dt

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook

from apps.accounts.webhooks.models import WebhookEndpoint

OLD_HOLDS_FOR = dt.timedelta(days=1)


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The secret that a receiver verifies by, as the Standard Webhooks write it."""
    return _derived(endpoint, endpoint.generation, settings.SECRET_KEY)


def signatures(endpoint: WebhookEndpoint, *, message: str, at: dt.datetime, body: str) -> str:
    """`webhook-signature`: by the secret, for a day after a change by the one before too, and by those of older
    installation keys while the settings name them."""
    secrets = [_derived(endpoint, endpoint.generation, key) for key in _keys()]
    if endpoint.rotated_at is not None and timezone.now() - endpoint.rotated_at < OLD_HOLDS_FOR:
        secrets += [_derived(endpoint, endpoint.generation - 1, key) for key in _keys()]
    return " ".join(Webhook(secret).sign(message, at, body) for secret in secrets)


def _keys() -> list[str | bytes]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _derived(endpoint: WebhookEndpoint, generation: int, key: str | bytes) -> str:
    digest = salted_hmac("toonbank.webhooks", f"{endpoint.key}:{generation}", secret=key, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(digest).decode()
