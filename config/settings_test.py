"""Settings of the test run: quick where quickness changes no meaning.

The run has a data folder of its own in TOONBANK_TEST_DATA, which the processes of one run share; of the caller's
TOONBANK_* variables only the database's counts.
"""

import atexit
import os
import shutil
import tempfile

_KEPT = {"TOONBANK_DATABASE_URL", "TOONBANK_TEST_DATA", "TOONBANK_CHROMIUM", "TOONBANK_FAILED_CHECKS"}

if "TOONBANK_TEST_DATA" not in os.environ:
    os.environ["TOONBANK_TEST_DATA"] = tempfile.mkdtemp(prefix="toonbank-test-")
    atexit.register(shutil.rmtree, os.environ["TOONBANK_TEST_DATA"], ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("TOONBANK_") and name not in _KEPT]:
    del os.environ[_name]
os.environ["TOONBANK_DATA"] = os.environ["TOONBANK_TEST_DATA"]
os.environ["TOONBANK_BROKER_URL"] = "memory://"
os.environ["TOONBANK_SECRET_KEY"] = "only-for-tests-" + "0123456789abcdef" * 4

from config.log import logging_config  # noqa: E402  after the environment is set
from config.settings import *  # noqa: E402, F403  likewise; all settings are meant
from config.settings import DATABASES, EMBEDDED_POSTGRES, PLACES, STORAGES  # noqa: E402  likewise

if EMBEDDED_POSTGRES:
    DATABASES["default"]["TEST"] = {"TEMPLATE": "toonbank_template"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# With the manifest storage the live server answers 404 for hashed names.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Files come straight from their folders: nothing is collected for a test.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
# The processes of a run share a data folder, but not a database.
ERASURES = PLACES.data / f"erasures-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}.jsonl"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
LOGGING = logging_config(readable=True, level="ERROR")
