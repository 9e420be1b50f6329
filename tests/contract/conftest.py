from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from apps.network import directory
from tests.contract.known import Known, build_known


@pytest.fixture(scope="module")
def known(django_db_setup: None, django_db_blocker: Any) -> Iterator[Known]:
    """One small network for all operations, each of which is rolled back."""
    directory.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_known()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """As Django's own test client does it: a request leaves the connection of the test as it is."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    cache.clear()
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
