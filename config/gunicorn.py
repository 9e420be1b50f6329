"""How gunicorn serves Toonbank; the number of processes and the address come from the environment."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from config.memory import settle

bind = f"{os.environ.get('TOONBANK_BIND', '127.0.0.1')}:{settings.PORT}"
workers = int(os.environ.get("TOONBANK_WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("TOONBANK_WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 10
keepalive = 15
backlog = 2048
# Its default is in the home folder, shared by every installation of the user.
control_socket = str(settings.PLACES.run / "gunicorn.ctl")
# Heartbeat files on a disk can stop a worker for as long as the disk is busy.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  gunicorn makes a private file in it


def post_worker_init(worker: Any) -> None:
    """A worker has loaded everything, once it has the addresses of all pages, and with them the pages."""
    get_resolver().url_patterns  # noqa: B018  which are read at the first request otherwise
    settle()


logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGING["loggers"],
        "gunicorn.error": {"propagate": True, "handlers": []},
        "gunicorn.access": {"propagate": False, "handlers": []},
    },
}
