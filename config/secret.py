"""The secret key of an installation that was given none."""

import contextlib
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def kept_in(data: Path) -> str:
    """Secret key kept in the data folder, made at first use. Several nodes need TOONBANK_SECRET_KEY instead."""
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = data / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key())
        # Of two processes that start at once, the first to link wins and both read its key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
