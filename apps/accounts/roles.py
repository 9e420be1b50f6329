"""Roles and what each may do. One table, so that it can be read in one look and tested row by row."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    HEAD_OFFICE = "head_office", _("Head office")
    FINANCE = "finance", _("Finance")
    STORE_MANAGER = "store_manager", _("Store manager")
    STORE_ASSOCIATE = "store_associate", _("Store associate")
    FRANCHISEE = "franchisee", _("Franchisee")
    SERVICE_AGENT = "service_agent", _("Service agent")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")


# Roles that look after the whole chain; the others reach the locations they are assigned to.
CHAIN_WIDE = frozenset({Role.HEAD_OFFICE, Role.FINANCE, Role.SERVICE_AGENT, Role.PRIVACY_OFFICER})

_STORE_FLOOR = {
    "today.view",
    "work.view",
    "network.view",
    "catalogue.view",
    "inventory.view",
    "inventory.view_everywhere",
    "inventory.adjust",
    "inventory.transfer",
    "inventory.agree",
    "inventory.receive",
    "inventory.count",
    "orders.view",
    "orders.fulfil",
    "orders.collector",
    "orders.place",
    "returns.view",
    "returns.accept",
    "customers.lookup",
    "customers.view",
    "scan.use",
    "loyalty.view",
    "loyalty.enrol",
    "service.view",
    "service.write",
}
_STORE_MANAGEMENT = _STORE_FLOOR | {
    "imports.view",
    "customers.figures",
    "orders.cancel",
    "inventory.count_approve",
    "orders.reroute",
    "network.hours",
    "franchise.view",
    "tills.view",
    "inbox.view",
    "inbox.mend",
    "segments.view",
}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.HEAD_OFFICE: frozenset(
        {
            "today.view",
            "work.view",
            "work.times",
            "imports.view",
            "network.view",
            "network.change",
            "network.hours",
            "network.consent",
            "catalogue.view",
            "catalogue.edit",
            "inventory.view",
            "inventory.view_everywhere",
            "inventory.count",
            "inventory.count_approve",
            "inventory.accuracy",
            "inventory.adjust",
            "inventory.transfer",
            "inventory.receive",
            "inventory.reconcile",
            "inventory.rebuild",
            "inventory.recall",
            "inventory.balance",
            "inventory.sourcing",
            "inventory.keep",
            "orders.view",
            "orders.cancel",
            "orders.reroute",
            "orders.collector",
            "returns.view",
            "payments.view",
            "customers.lookup",
            "customers.view",
            "customers.join",
            "customers.bar",
            "customers.match",
            "customers.matching",
            "customers.review",
            "customers.figures",
            "scan.use",
            "loyalty.view",
            "service.view",
            "service.write",
            "service.desk",
            "service.topics",
            "service.guidance",
            "franchise.view",
            "franchise.rules",
            "kpis.view",
            "inbox.view",
            "inbox.mend",
            "messages.view",
            "tills.view",
            "accounts.view",
            "webhooks.manage",
            "segments.view",
            "segments.edit",
            "segments.export",
            "customers.import",
            "privacy.register",
        }
    ),
    Role.FINANCE: frozenset(
        {
            "today.view",
            "network.view",
            "catalogue.view",
            "orders.view",
            "returns.view",
            "payments.view",
            "franchise.view",
            "franchise.rules",
            "kpis.view",
            "inbox.view",
            "tills.view",
            "inventory.reconcile",
        }
    ),
    Role.STORE_MANAGER: frozenset(_STORE_MANAGEMENT),
    Role.STORE_ASSOCIATE: frozenset(_STORE_FLOOR),
    Role.FRANCHISEE: frozenset(_STORE_MANAGEMENT | {"network.consent"}),
    Role.SERVICE_AGENT: frozenset(
        {
            "today.view",
            "work.view",
            "network.view",
            "catalogue.view",
            "inventory.view",
            "inventory.view_everywhere",
            "orders.view",
            "orders.cancel",
            "orders.reroute",
            "orders.collector",
            "returns.view",
            "returns.accept",
            "customers.lookup",
            "customers.view",
            "customers.join",
            "customers.match",
            "loyalty.view",
            "loyalty.enrol",
            "service.view",
            "service.write",
            "service.desk",
            "privacy.register",
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            "today.view",
            "network.view",
            "catalogue.view",
            "orders.view",
            "returns.view",
            "customers.lookup",
            "customers.view",
            "customers.review",
            "loyalty.view",
            "privacy.register",
            "privacy.handle",
        }
    ),
}


def roles_with(permission: str) -> list[Role]:
    """The roles that hold a permission, in the order of the list of roles."""
    return [role for role in Role if permission in PERMISSIONS[role]]


class Scope(models.TextChoices):
    """Scopes of an API client, as the API contract names them."""

    CATALOGUE_READ = "catalogue:read"
    STOCK_READ = "stock:read"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    RETURNS_WRITE = "returns:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    SALES_WRITE = "sales:write"
    CONTACTS_WRITE = "contacts:write"
    STORE_OPERATE = "store:operate"
    WEBHOOKS_MANAGE = "webhooks:manage"


# What an API scope lets the same querysets show as a role's permission does for staff.
SCOPE_PERMISSIONS: dict[str, frozenset[str]] = {
    Scope.CATALOGUE_READ: frozenset({"catalogue.view", "network.view", "network.view_all"}),
    Scope.STOCK_READ: frozenset(
        {"inventory.view", "inventory.view_everywhere", "network.view", "network.view_all", "catalogue.view"}
    ),
    Scope.ORDERS_READ: frozenset({"orders.view", "network.view"}),
    Scope.ORDERS_WRITE: frozenset({"orders.view", "orders.place", "network.view", "catalogue.view"}),
    Scope.RETURNS_WRITE: frozenset({"returns.view", "returns.announce", "orders.view"}),
    Scope.CUSTOMERS_READ: frozenset({"customers.view", "customers.lookup", "loyalty.view"}),
    Scope.CUSTOMERS_WRITE: frozenset({"customers.write"}),
    Scope.SALES_WRITE: frozenset({"tills.record", "tills.view", "network.view"}),
    Scope.CONTACTS_WRITE: frozenset({"service.write", "service.view"}),
    Scope.STORE_OPERATE: frozenset(
        {
            "orders.view",
            "orders.fulfil",
            "inventory.receive",
            "inventory.transfer",
            "returns.view",
            "returns.accept",
            "franchise.view",
            "network.view",
        }
    ),
    Scope.WEBHOOKS_MANAGE: frozenset({"webhooks.manage"}),
}
