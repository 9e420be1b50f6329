"""For load balancers: is this process alive, and can it do its work?"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _broker() -> bool:
    # Celery's own application, whatever module made it, is the current one once settings are loaded.
    from celery import current_app

    broker: Connection = current_app.connection_for_write()
    with broker as opened:
        opened.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return True


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "broker": _broker, "migrations": _migrations}


def _state(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "behind"
    except Exception:  # whatever is wrong with a dependency, the answer is that it is not ready
        return "unavailable"


@never_cache
@login_not_required
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and migrations are in order, else 503; the body names each."""
    states = {name: _state(check) for name, check in CHECKS.items()}
    good = all(state == "ok" for state in states.values())
    return JsonResponse({"status": "ok" if good else "unavailable", "checks": states}, status=200 if good else 503)
