"""Where one installation keeps what it writes: everything below one data folder."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

# A unix socket's path may be 107 bytes long; the longest name put into the run folder is 24.
LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = 24


@dataclass(frozen=True)
class Places:
    """The folders of the installation whose data folder is ``data`` (absolute)."""

    data: Path

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data / "valkey"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def mail(self) -> Path:
        return self.data / "mail"

    @property
    def media(self) -> Path:
        return self.data / "media"

    @property
    def erasures(self) -> Path:
        """Who was forgotten, without saying who: what must survive a restore of the database."""
        return self.data / "erasures.jsonl"

    @property
    def static(self) -> Path:
        return self.data / "static"

    @property
    def run(self) -> Path:
        """Folder of sockets and process ids; the same for every process that has the same data folder.

        A data folder too deep for a unix socket gets a folder in /tmp that is named after it.
        """
        inside = self.data / "run"
        if len(os.fsencode(inside)) + 1 + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path("/tmp") / f"toonbank-{os.getuid()}-{name}"  # noqa: S108 (checked by `make`)

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"

    def make(self) -> None:
        """Create the folders, open to nobody else."""
        for folder in (self.data, self.run, self.valkey, self.logs, self.mail, self.media, self.static):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.run.lstat()
        if not stat.S_ISDIR(owner.st_mode) or (os.getuid() != 0 and owner.st_uid != os.getuid()):
            raise PermissionError(f"{self.run} belongs to somebody else")
        self.run.chmod(0o700)
