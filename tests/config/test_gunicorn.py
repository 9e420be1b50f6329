"""How gunicorn's workers begin."""

import os
import subprocess
import sys
from pathlib import Path

AS_A_WORKER_DOES = """
import sys
from config import gunicorn
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
gunicorn.post_worker_init(None)
print("apps.orders.urls" in sys.modules)
"""


def test_a_worker_knows_its_pages_before_its_first_request():
    said = subprocess.run(
        [sys.executable, "-c", AS_A_WORKER_DOES],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings_test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["True"]
