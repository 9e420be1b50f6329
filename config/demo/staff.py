"""Who signs in to the demo, and the machines that call its API. Passwords and keys are drawn anew for every demo."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps.accounts.models import ApiClient, Assignment, User
from apps.accounts.roles import Role, Scope
from apps.accounts.services import issue_api_key
from apps.network.models import Channel
from config.demo.chain import Chain

_PEOPLE = {
    Role.HEAD_OFFICE: ("mirjam.vos@moswijk.example", "Mirjam Vos"),
    Role.FINANCE: ("ruud.bakker@moswijk.example", "Ruud Bakker"),
    Role.STORE_MANAGER: ("hanneke.smit@moswijk.example", "Hanneke Smit"),
    Role.STORE_ASSOCIATE: ("bo.jansen@moswijk.example", "Bo Jansen"),
    Role.FRANCHISEE: ("tjeerd.wiersma@moswijk.example", "Tjeerd Wiersma"),
    Role.SERVICE_AGENT: ("samira.elamrani@moswijk.example", "Samira el Amrani"),
    Role.PRIVACY_OFFICER: ("noor.brandsma@moswijk.example", "Noor Brandsma"),
}

_SCOPES = {
    "webshop": [
        Scope.CATALOGUE_READ,
        Scope.STOCK_READ,
        Scope.ORDERS_READ,
        Scope.ORDERS_WRITE,
        Scope.RETURNS_WRITE,
        Scope.CUSTOMERS_READ,
        Scope.CUSTOMERS_WRITE,
        Scope.CONTACTS_WRITE,
        Scope.WEBHOOKS_MANAGE,
    ],
    "till": [Scope.CATALOGUE_READ, Scope.STOCK_READ, Scope.ORDERS_READ, Scope.SALES_WRITE, Scope.CUSTOMERS_READ],
    "store": [
        Scope.CATALOGUE_READ,
        Scope.STOCK_READ,
        Scope.ORDERS_READ,
        Scope.RETURNS_WRITE,
        Scope.CUSTOMERS_READ,
        Scope.CONTACTS_WRITE,
        Scope.STORE_OPERATE,
    ],
    "readonly": [Scope.CATALOGUE_READ, Scope.STOCK_READ, Scope.ORDERS_READ, Scope.CUSTOMERS_READ],
}


@dataclass(frozen=True)
class Access:
    """What opens the demo: {role: {"email", "password"}} and {client: key}."""

    users: dict[str, dict[str, str]]
    api_keys: dict[str, str]


@dataclass(frozen=True)
class Staff:
    """The users by role, the API clients, and what opens the demo."""

    users: dict[str, User]
    clients: dict[str, ApiClient]
    access: Access


def hire_staff(chain: Chain) -> Staff:
    """Make a user for each role and a client for each kind of machine."""
    users, opened = {}, {}
    for role, (email, name) in _PEOPLE.items():
        password = secrets.token_urlsafe(12)
        users[role.value] = User.objects.create_user(email, password, name=name)
        opened[role.value] = {"email": email, "password": password}
    Assignment.objects.bulk_create(
        Assignment(user=users[role.value], role=role, **_place(role, chain)) for role in _PEOPLE
    )
    clients = {
        name: ApiClient.objects.create(name=_client_name(name), channel=channel, scopes=list(_SCOPES[name]))
        for name, channel in _client_channels(chain).items()
    }
    keys = {name: issue_api_key(client=client) for name, client in clients.items()}
    return Staff(users, clients, Access(opened, keys))


def _place(role: Role, chain: Chain) -> Mapping[str, Any]:
    if role in {Role.STORE_MANAGER, Role.STORE_ASSOCIATE}:
        return {"location": chain.demo_store}
    if role == Role.FRANCHISEE:
        return {"legal_entity_id": chain.demo_franchisee_id}
    return {}


def _client_channels(chain: Chain) -> dict[str, Channel]:
    return {
        "webshop": chain.webshop,
        "till": chain.store_channels[chain.demo_store.pk],
        "store": chain.app,
        "readonly": chain.webshop,
    }


def _client_name(name: str) -> str:
    return {"webshop": "Webshop", "till": "Kassa's", "store": "Winkelapp", "readonly": "Lezer"}[name]


def keep_access(access: Access, path: Path) -> None:
    """Write what opens the demo to a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(access), file)


def kept_access(path: Path) -> Access | None:
    """What was written by `keep_access`; None when there is nothing."""
    try:
        return Access(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
