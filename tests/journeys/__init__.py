"""Journeys through the portal in a real browser, and the finding of that browser."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

NOT_RUN = "no Chromium, so this journey was not run"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALLERS = (
    ("apt-get", ["apt-get update -qq", "apt-get install -y -qq --no-install-recommends chromium"]),
    ("dnf", ["dnf install -y -q chromium"]),
    ("apk", ["apk add -q chromium"]),
    ("pacman", ["pacman -Sy --noconfirm chromium"]),
)


def find_chromium(playwright: Playwright) -> str | None:
    """Path of a Chromium: the named one, the system's, Playwright's own, or one installed now where that is allowed."""
    if named := os.environ.get("TOONBANK_CHROMIUM"):
        return named
    own = playwright.chromium.executable_path
    if found := _of_system() or (own if Path(own).exists() else None):
        return found
    with _one_at_a_time():
        return _of_system() or (_of_system() if _install() else None)


def _of_system() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _install() -> bool:
    become = _root_prefix()
    if become is None:
        return False
    for tool, commands in INSTALLERS:
        if shutil.which(tool):
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            ran = [
                subprocess.run([*become, *command.split()], env=env, stdin=subprocess.DEVNULL) for command in commands
            ]
            return ran[-1].returncode == 0
    return False


def _root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / f"toonbank-chromium-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def report(terminal: pytest.TerminalReporter) -> None:
    """Say loudly which journeys were left out."""
    missed = [report.nodeid for report in terminal.getreports("skipped") if NOT_RUN in str(report.longrepr)]
    if missed:
        terminal.section("BROWSER JOURNEYS NOT RUN", red=True, bold=True)
        terminal.write_line("No Chromium was found and none could be installed. Name one in TOONBANK_CHROMIUM.")
        for nodeid in missed:
            terminal.write_line(f"  {nodeid}")
