"""Everything that can be checked without running a test: `python -m config.checks`."""

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OPENAPI = CHECKOUT / "openapi.yaml"
LINES_SHOWN = 60
Outcome = tuple[bool, str]


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable[[Path], Outcome]


def command(*arguments: str, **variables: str) -> Callable[[Path], Outcome]:
    """A check that is one command of the environment; it holds when the command succeeds."""

    def run(scratch: Path) -> Outcome:
        done = subprocess.run(
            [*_program(arguments[0]), *arguments[1:]],
            cwd=CHECKOUT,
            env=_environment(scratch, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode == 0, (done.stdout + done.stderr).strip()

    return run


def _program(name: str) -> list[str]:
    if name == "manage.py":
        return [sys.executable, "-W", "ignore::RuntimeWarning", name]  # a database is not needed here
    return [str(Path(sys.executable).parent / name)]


def _environment(scratch: Path, **variables: str) -> dict[str, str]:
    """The caller's environment without its installation, so that a check says the same everywhere."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOONBANK_")}
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "TOONBANK_TEST_DATA": str(scratch),
        "TOONBANK_DATA": str(scratch),
        "NO_COLOR": "1",
        **variables,
    }


def translation(scratch: Path) -> Outcome:
    code = (
        "from django.conf import settings; settings.configure(USE_I18N=False); import django; django.setup(); "
        "from config.translation import faults; found = faults(); print(*found[:40], sep='\\n'); "
        "print(f'… {len(found)} in all; `make messages` brings the files up to date') if found else None; "
        "raise SystemExit(bool(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def api_document(scratch: Path) -> Outcome:
    fresh = scratch / "openapi.yaml"
    good, said = _write_openapi(fresh, scratch)
    if not good:
        return False, said
    committed = OPENAPI.read_text() if OPENAPI.exists() else ""
    if fresh.read_text() == committed:
        return True, ""
    difference = difflib.unified_diff(
        committed.splitlines(), fresh.read_text().splitlines(), "openapi.yaml", "the code", lineterm="", n=1
    )
    return False, "\n".join([*list(difference)[:40], "`make openapi` writes it again"])


def _write_openapi(path: Path, scratch: Path) -> Outcome:
    return command("manage.py", "spectacular", "--validate", "--fail-on-warn", "--lang", "en", "--file", str(path))(
        scratch
    )


CHECKS = [
    Check("types", command("mypy")),
    Check("style", command("ruff", "check", "--quiet", "--output-format", "concise")),
    Check("format", command("ruff", "format", "--check", "--quiet")),
    Check("floors", command("lint-imports", "--no-cache", "--no-logo")),
    Check(
        "deployment",
        command(
            *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            DJANGO_SETTINGS_MODULE="config.settings",
            TOONBANK_BASE_URL="https://toonbank.example",
            TOONBANK_SECRET_KEY="".join(map(chr, range(48, 123))),
        ),
    ),
    Check(
        "static files",
        command("manage.py", "collectstatic", "--noinput", "-v", "0", DJANGO_SETTINGS_MODULE="config.settings"),
    ),
    Check("migrations", command("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("translation", translation),
    Check("API document", api_document),
]


def run_all(checks: Sequence[Check]) -> list[str]:
    """Run the checks, two at a time, a line for each; returns the names of those that fail."""
    scratch = Path(tempfile.mkdtemp(prefix="toonbank-checks-"))
    failures: list[tuple[str, str]] = []

    def timed(check: Check) -> tuple[Check, bool, str, float]:
        began = time.monotonic()
        good, said = check.run(scratch)
        return check, good, said, time.monotonic() - began

    try:
        with ThreadPoolExecutor(2) as pool:
            for check, good, said, seconds in pool.map(timed, checks):
                _say(f"{check.name:<14} {'ok' if good else 'FAILS':<6} {seconds:5.1f} s")
                if not good:
                    failures.append((check.name, said))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for name, said in failures:
        lines = said.splitlines()
        more = len(lines) - LINES_SHOWN
        _say("\n".join([f"\n--- {name} ---", *lines[:LINES_SHOWN], *([f"… {more} more lines"] if more > 0 else [])]))
    return [name for name, _said in failures]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.checks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these checks")
    parser.add_argument("--failed-to", type=Path, help="write the names of failed checks to this file")
    parser.add_argument("--write-openapi", action="store_true", help="write openapi.yaml from the code, no checks")
    options = parser.parse_args()
    if options.write_openapi:
        with tempfile.TemporaryDirectory() as scratch:
            good, said = _write_openapi(OPENAPI, Path(scratch))
        _say(said or f"wrote {OPENAPI.name}")
        return 0 if good else 1
    failed = run_all([check for check in CHECKS if not options.names or check.name in options.names])
    if options.failed_to:
        options.failed_to.write_text(", ".join(failed))
    if failed:
        _say(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
