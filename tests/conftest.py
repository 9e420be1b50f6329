import gc
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import journeys, outside, server

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright and the ORM share a thread
gc.disable()  # what is loaded and collected stays: to look through it again and again is a third of that time

# A busy machine is no fault of the code: neither deadline nor the time that examples take to make is a finding.
hypothesis_settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("any machine")

_server = pytest.StashKey[server.PostgresServer]()
_migrating = pytest.StashKey[subprocess.Popen[bytes] | None]()


def _leads(config: pytest.Config) -> bool:
    """Whether this process started the run, rather than being one of its workers."""
    return not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    from tests import clearing

    outside.shut_out()
    clearing.instead_of_flushing()
    if _leads(config) and "TOONBANK_DATABASE_URL" not in os.environ and not config.option.collectonly:
        config.stash[_server] = server.of_run(Path(os.environ["TOONBANK_TEST_DATA"]))
        config.stash[_migrating] = server.start(config.stash[_server])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """Before a database is made, what it is copied from must be there."""
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES:
        with django_db_blocker.unblock():
            server.await_template()


def pytest_collection_finish() -> None:
    """What stands by now stays to the end: nobody need look through it again for what can go, one twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, in whatever order the rest comes, so that no core waits for the last one at the end."""
    items.sort(
        key=lambda item: 0 if item.get_closest_marker("long") else 1 if item.get_closest_marker("journey") else 2
    )


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """What a process keeps of locations, keys and models, and outside the database, is not true of the next test's database.

    Nor is the language of the last request the next test's: each begins in the installation's.
    """
    from django.conf import settings

    from apps.accounts.api_auth import forget_keys
    from apps.customers.resolving import learning
    from apps.customers.services import barring
    from apps.inventory.services import drifting, keeping, profiles
    from apps.network import directory

    translation.deactivate()  # what was made for many tests has asked for pages, too
    yield
    translation.deactivate()
    Path(settings.ERASURES).unlink(missing_ok=True)
    directory.forget()
    learning.forget()
    barring.forget()
    profiles.forget()
    keeping.forget()
    drifting.forget()
    forget_keys()


def pytest_unconfigure(config: pytest.Config) -> None:
    if (migrating := config.stash.get(_migrating, None)) is not None:
        migrating.terminate()  # somebody broke the run off in its first minute
        migrating.wait()
    if (running := config.stash.get(_server, None)) is not None:
        running.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    journeys.report(terminalreporter)
    if failed := os.environ.get("TOONBANK_FAILED_CHECKS"):
        terminalreporter.section("checks that failed before the tests", red=True, bold=True)
        terminalreporter.write_line(failed, red=True)


@pytest.fixture
def in_english() -> Iterator[None]:
    """What services say is read in English."""
    with translation.override("en"):
        yield
