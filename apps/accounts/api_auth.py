"""Bearer keys for the API."""

import copy
import time
from typing import Any, cast

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from apps.accounts.models import ApiClient, ApiKey
from apps.network.models import Channel

_PARTS: tuple[type[Model], ...] = (ApiKey, ApiClient, Channel)


def _columns(model: type[Model], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


# Written out, because every request asks it: to compile the same query anew takes longer than all else it costs.
_FIND = f"""
    SELECT {_columns(ApiKey, "key")}, {_columns(ApiClient, "client")}, {_columns(Channel, "channel")}
      FROM accounts_apikey AS key
      JOIN accounts_apiclient AS client ON client.id = key.client_id
      JOIN network_channel AS channel ON channel.id = client.channel_id
     WHERE key.digest = %s AND client.is_active"""

KEPT_SECONDS = 5.0
"""How long a process believes a key it found: one that was withdrawn works as much longer, at the most."""

_MOST_KEPT = 1000
_kept: dict[str, tuple[float, ApiKey]] = {}


def find_key(digest: str) -> ApiKey | None:
    """The key with this digest, with its client and the client's channel, while both are valid."""
    found_at, key = _kept.get(digest, (0.0, None))
    if key is None or time.monotonic() - found_at > KEPT_SECONDS:
        key = _read_key(digest)
        if key is None:
            _kept.pop(digest, None)
            return None
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[digest] = (time.monotonic(), key)
    if key.expires_at is not None and key.expires_at <= timezone.now():
        return None
    key = copy.copy(key)
    key.client = copy.copy(key.client)  # what a request notes on its principal is its own
    return key


def forget_keys() -> None:
    """Read keys anew: after a change that must count at once in this process, and between tests."""
    _kept.clear()


def _read_key(digest: str) -> ApiKey | None:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    found: list[Any] = []
    for model in _PARTS:
        names = [field.attname for field in model._meta.concrete_fields]
        found.append(model.from_db(connection.alias, names, row[: len(names)]))
        row = row[len(names) :]
    key, client, channel = found
    client.channel, key.client = channel, client
    return cast("ApiKey", key)


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <key>` makes the key's API client the request's principal."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[ApiClient, ApiKey] | None:
        words = authentication.get_authorization_header(request).split()
        if not words or words[0].lower() != self.keyword:
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed(_("Send the key as: Authorization: Bearer <key>."))
        try:
            digest = ApiKey.digest_of(words[1].decode())
        except UnicodeDecodeError as error:
            raise exceptions.AuthenticationFailed(_("This key is not known.")) from error
        key = find_key(digest)
        if key is None:
            raise exceptions.AuthenticationFailed(_("This key is not known."))
        return key.client, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(permissions.BasePermission):
    """A view declares `required_scopes`: {HTTP method or action: scope}; a method nobody decided about is refused.

    Where several scopes do, the value is a tuple of them.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        client: Any = request.user
        if not getattr(client, "is_api_client", False):
            return False
        if request.method not in view.allowed_methods:
            raise exceptions.MethodNotAllowed(str(request.method))
        scopes: dict[str, str | tuple[str, ...]] = view.required_scopes
        wanted = scopes.get(getattr(view, "action", None) or "") or scopes.get(request.method or "") or ()
        return any(client.has_scope(scope) for scope in ((wanted,) if isinstance(wanted, str) else wanted))
