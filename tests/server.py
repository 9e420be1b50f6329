"""The PostgreSQL of one test run: its own, unsafe against power cuts, gone afterwards.

Every worker copies a template database, which is migrated while the workers look for their tests.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.embedded.places import Places
from config.embedded.postgres import PostgresServer

CHECKOUT = Path(__file__).parent.parent
TEMPLATE = "toonbank_template"
_DRAFT = "toonbank_draft"  # what becomes the template once it is migrated
_MIGRATED_WITHIN = 300  # seconds


def of_run(data: Path) -> PostgresServer:
    """The server of the run whose folder is ``data``, not started yet."""
    places = Places(data)
    places.make()
    return PostgresServer(places.postgres, places.run, places.logs / "postgres.log", durable=False)


def start(server: PostgresServer) -> subprocess.Popen[bytes] | None:
    """Start ``server``, on which a template database that is migrated to the code's state stands, or will in a minute: once the
    process that is given has ended.

    Migrating takes most of the time of a small run, so the migrated cluster is kept, per state of the migrations; in CI
    every run migrates.
    """
    kept = Path(tempfile.gettempdir()) / f"toonbank-test-clusters-{os.getuid()}" / _state()
    reuse = os.environ.get("CI") != "true"
    if reuse and (kept / "PG_VERSION").exists():
        _copy(kept, server.data)
        server.start(dies_with_us=True)
        return None
    server.start(dies_with_us=True)
    server.create_database(_DRAFT)
    migrating = subprocess.Popen(
        [sys.executable, "-m", "tests.server"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
            "TOONBANK_DATABASE_URL": server.url(_DRAFT),
        },
    )
    if reuse:
        if migrating.wait():
            raise RuntimeError("The database of the tests could not be migrated.")
        server.stop()
        _keep(server.data, kept)
        server.start(dies_with_us=True)
    return migrating


def await_template() -> None:
    """Wait until the template is there; a RuntimeError says that it will not come."""
    from django.db import connection

    end = time.monotonic() + _MIGRATED_WITHIN
    with connection._nodb_cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT datname FROM pg_database")
            names = {name for (name,) in cursor.fetchall()}
            if TEMPLATE in names:
                return
            if _DRAFT not in names:
                break
            time.sleep(0.2)
    raise RuntimeError("The database of the tests could not be migrated: what the migration said stands above.")


def _migrate() -> None:
    """Make the draft the template; one that cannot be migrated goes."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    try:
        call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    except BaseException:
        act = f"DROP DATABASE {_DRAFT}"
        raise
    else:
        act = f"ALTER DATABASE {_DRAFT} RENAME TO {TEMPLATE}"
    finally:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(act)


def _state() -> str:
    """Fingerprint of what a migrated database depends on."""
    digest = hashlib.sha256()
    for path in [*sorted(CHECKOUT.glob("apps/*/migrations/*.py")), CHECKOUT / "requirements/base.txt"]:
        digest.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _keep(cluster: Path, kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    if kept.parent.stat().st_uid != os.getuid():
        return
    older = sorted((path for path in kept.parent.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in older[:-12]:
        shutil.rmtree(path, ignore_errors=True)
    draft = kept.with_name(f"{kept.name}.{os.getpid()}")
    _copy(cluster, draft)
    try:
        draft.rename(kept)
    except OSError:  # another run kept the same state first
        shutil.rmtree(draft, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    target.chmod(0o700)


if __name__ == "__main__":
    _migrate()
