"""Settings of the test run: quick where quickness changes no meaning."""

import os
import tempfile

os.environ.setdefault("TOONBANK_DATA", os.path.join(tempfile.gettempdir(), f"toonbank-tests-{os.getuid()}"))
os.environ.setdefault("TOONBANK_SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ["TOONBANK_BROKER_URL"] = "memory://"
os.environ.pop("TOONBANK_MAIL_URL", None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES, logging_config  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# With the manifest storage the live server answers 404 for hashed names.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Files come straight from their folders: nothing is collected for a test.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
LOGGING = logging_config(readable=True, level="ERROR")

# Threads of one test open connections of their own and close them; a pool would keep the test database busy.
DATABASES["default"]["OPTIONS"].pop("pool")
