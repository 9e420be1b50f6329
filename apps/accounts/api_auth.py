"""Bearer keys for the API."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from apps.accounts.models import ApiClient, ApiKey


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
        key = (
            ApiKey.objects.select_related("client__channel")
            .filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), digest=digest, client__is_active=True)
            .first()
        )
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
        scopes: dict[str, str | tuple[str, ...]] = view.required_scopes
        wanted = scopes.get(getattr(view, "action", None) or "") or scopes.get(request.method or "") or ()
        return any(client.has_scope(scope) for scope in ((wanted,) if isinstance(wanted, str) else wanted))
