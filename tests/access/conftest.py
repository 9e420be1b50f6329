from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from apps.network import directory
from tests.access.world import World, build_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all cases of a module, which each roll back what they do to it."""
    directory.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(world: World) -> dict[str, str]:
    """The session of each role's one, who signs in once for all cases."""
    found = {}
    for role, user in world.staff.items():
        client = Client()
        client.force_login(user)
        found[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found


@pytest.fixture
def signed_in(sessions: dict[str, str], db: None) -> Callable[[str], Client]:
    """Gives a browser in which the role's one has signed in, and nothing else has happened."""

    def of_role(role: str) -> Client:
        client = Client(raise_request_exception=True)
        client.cookies[settings.SESSION_COOKIE_NAME] = sessions[role]
        return client

    return of_role


@pytest.fixture(autouse=True)
def no_memory() -> None:
    """Nothing that one case put in the cache (rate limits) reaches the next."""
    cache.clear()
