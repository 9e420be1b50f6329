"""The PostgreSQL of one test run: its own, unsafe against power cuts, gone afterwards."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.places import Places
from config.embedded.postgres import PostgresServer

CHECKOUT = Path(__file__).parent.parent
TEMPLATE = "toonbank_template"


def of_run(data: Path) -> PostgresServer:
    """The server of the run whose folder is ``data``, not started yet."""
    places = Places(data)
    places.make()
    return PostgresServer(places.postgres, places.run, places.logs / "postgres.log", durable=False)


def start(server: PostgresServer) -> None:
    """Start ``server`` with a template database that is migrated to the code's state.

    Migrating takes most of the time of a small run, so the migrated cluster is kept, per state of the migrations.
    """
    kept = Path(tempfile.gettempdir()) / f"toonbank-test-clusters-{os.getuid()}" / _state()
    reuse = os.environ.get("CI") != "true"
    if reuse and (kept / "PG_VERSION").exists():
        _copy(kept, server.data)
        server.start(dies_with_us=True)
        return
    server.start(dies_with_us=True)
    server.create_database(TEMPLATE)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--noinput", "--skip-checks", "-v", "0"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
            "TOONBANK_DATABASE_URL": server.url(TEMPLATE),
        },
        check=True,
    )
    if reuse:
        server.stop()
        _keep(server.data, kept)
        server.start(dies_with_us=True)


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
