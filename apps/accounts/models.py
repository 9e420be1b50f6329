"""Staff, API clients, and what each may reach."""

import datetime as dt
import hashlib
from functools import partial
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts import forwarding
from apps.accounts.roles import CHAIN_WIDE, PERMISSIONS, SCOPE_PERMISSIONS, Role, Scope
from apps.accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.ids import new_id
from apps.core.reach import Reach
from apps.core.statements import KeptQuery, now
from apps.network.models import Channel, LegalEntity, Location, Ownership

__all__ = [
    "AccessGrant",
    "ApiClient",
    "ApiKey",
    "Assignment",
    "DemoMark",
    "PersonalExport",
    "User",
    "UserManager",
    "WebhookDelivery",
    "WebhookEndpoint",
]

_USER = "SELECT email FROM accounts_user WHERE id = row.user_id"  # whose row it is, for the audit trail


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **extra)

    def visible_to(self, principal: Any) -> models.QuerySet["User"]:
        from apps.core.reach import reach_of

        return self.all() if reach_of(principal).may("accounts.view") else self.none()


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff, or a franchisee. Signs in by e-mail; is invited, never signs up."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, default="nl")
    single_keys = models.BooleanField(_("shortcuts of single keys"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    is_api_client = False

    class Meta:
        triggers = [audited("user", key="row.email", table="accounts_user", unsaid=("password", "last_login"))]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    def compute_reach(self) -> Reach:
        """Roles, permissions, locations and live grants: a query for the roles, and one for each other that is needed."""
        assignments = list(self.assignments.all())
        roles = {a.role for a in assignments}
        entity_ids = {a.legal_entity_id for a in assignments if a.legal_entity_id}
        location_ids = {a.location_id for a in assignments if a.location_id}
        if entity_ids:
            now_owned = Ownership.objects.filter(valid__contains=timezone.localdate(), legal_entity__in=entity_ids)
            location_ids |= set(now_owned.values_list("location_id", flat=True))
        permissions = frozenset().union(*(PERMISSIONS[r] for r in roles)) if roles else frozenset()
        return Reach(
            roles=frozenset(roles),
            permissions=permissions,
            every_location=bool(roles & CHAIN_WIDE),
            location_ids=frozenset(location_ids),
            legal_entity_ids=frozenset(entity_ids),
            find_grants=partial(AccessGrant.live_keys, f"user:{self.pk}"),
        )


class Assignment(models.Model):
    """A role of a person, at a location or for a franchisee's company where the role is not chain-wide."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments", db_index=False, verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, verbose_name=_("location"))
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, null=True, blank=True, verbose_name=_("legal entity"))

    class Meta:
        triggers = [
            audited("user", key=_USER, table="accounts_assignment"),
            audited_when_added("user", key=_USER, table="accounts_assignment"),
        ]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "location", "legal_entity"], nulls_distinct=False, name="assigned_once"
            ),
            models.CheckConstraint(
                name="store_roles_have_a_place",
                condition=Q(role__in=[Role.HEAD_OFFICE, Role.FINANCE, Role.SERVICE_AGENT, Role.PRIVACY_OFFICER])
                | Q(location__isnull=False)
                | Q(legal_entity__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class ApiClient(models.Model):
    """A machine that calls the API: a webshop, a till system, a store app, a partner. Bound to one channel.

    `locations` limits it to those stores; empty means the whole chain.
    """

    name = models.CharField(_("name"), max_length=80)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="api_clients", verbose_name=_("channel"))
    scopes = ArrayField(models.CharField(max_length=24, choices=Scope.choices), verbose_name=_("scopes"))
    locations = models.ManyToManyField(Location, blank=True, verbose_name=_("locations"))
    is_active = models.BooleanField(_("active"), default=True)

    is_api_client = True
    is_authenticated = True
    is_anonymous = False

    class Meta:
        triggers = [audited("API client", key="row.id", table="accounts_apiclient")]
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def has_scope(self, scope: str) -> bool:
        return scope in self.scopes

    def compute_reach(self) -> Reach:
        location_ids = frozenset(self.locations.values_list("pk", flat=True))
        return Reach(
            roles=frozenset({"api_client"}),
            permissions=frozenset().union(*(SCOPE_PERMISSIONS[s] for s in self.scopes)) if self.scopes else frozenset(),
            every_location=not location_ids,
            location_ids=location_ids,
            channel_id=self.channel_id,
            find_grants=partial(AccessGrant.live_keys, f"client:{self.pk}"),
        )


class ApiKey(models.Model):
    """A bearer key of a client, kept as a hash. Several may be valid at once, so that keys can be rotated."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="keys", verbose_name=_("API client"))
    prefix = models.CharField(_("prefix"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @staticmethod
    def digest_of(key: str) -> str:
        """Keys are 256 random bits, so a plain hash is as strong as a slow one."""
        return hashlib.sha256(key.encode()).hexdigest()


class AccessGrant(models.Model):
    """A principal may see one object for a while, because its customer identified themselves. It is the look-up log too."""

    LONGEST = dt.timedelta(minutes=30)

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    principal = models.CharField(max_length=64)
    object_type = models.CharField(max_length=24)
    object_key = models.CharField(max_length=64)
    purpose = models.CharField(_("purpose"), max_length=32)
    evidence = models.CharField(_("recognised by"), max_length=32)
    case = models.CharField(_("case"), max_length=32, blank=True)
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("access grant")
        verbose_name_plural = _("access grants")
        indexes = [models.Index(fields=["principal", "expires_at"], name="grant_of_principal")]
        constraints = [
            models.CheckConstraint(
                name="grant_is_short",
                condition=Q(expires_at__lte=models.F("granted_at") + dt.timedelta(minutes=30)),
            )
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.principal} → {self.object_type} {self.object_key}"

    @classmethod
    def live_keys(cls, principal: str) -> dict[str, frozenset[str]]:
        """Keys that are open for a principal now, per object type."""
        keys: dict[str, set[str]] = {}
        for object_type, object_key in _live_grants.read(principal=principal):
            keys.setdefault(object_type, set()).add(object_key)
        return {kind: frozenset(found | forwarding.keys_now(kind, found)) for kind, found in keys.items()}


_live_grants = KeptQuery(
    lambda asked: AccessGrant.objects.filter(principal=asked["principal"], expires_at__gt=now()).values_list(
        "object_type", "object_key"
    ),
)


class PersonalExport(models.Model):
    """A file with personal data that somebody took out of a list: of how many rows, which columns and filters, and what for.

    Beside the access grants it is the look-up log.
    """

    class Purpose(models.TextChoices):
        FULFILMENT = "fulfilment", _("Deliver or hand over")
        SERVICE = "service", _("Contact with customers")
        ADMINISTRATION = "administration", _("Bookkeeping and checks")
        AUTHORITY = "authority", _("Request of a customer or an authority")
        MARKETING = "marketing", _("Messages that customers allow")

    principal = models.CharField(max_length=64)
    exported_at = models.DateTimeField(_("exported"), default=timezone.now)
    page = models.CharField(_("list"), max_length=80)
    filters = models.TextField(_("filters"), blank=True)
    columns = models.JSONField(_("columns"))
    rows = models.PositiveIntegerField(_("rows"))
    file_format = models.CharField(_("format"), max_length=8)
    purpose = models.CharField(_("purpose"), max_length=32, choices=Purpose.choices)

    class Meta:
        verbose_name = _("export of personal data")
        verbose_name_plural = _("exports of personal data")
        indexes = [models.Index(fields=["principal", "exported_at"], name="export_of_principal")]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.principal} → {self.rows} × {self.page}"


class DemoMark(models.Model):
    """A database that holds the demo says so here; the demo refuses to touch any other."""

    seed = models.IntegerField()
    seeded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"demo of {self.seeded_at:%Y-%m-%d}"
