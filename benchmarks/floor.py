"""The floor that API figures are compared with: the framework doing the bare minimum, without middleware or keys.

Served by gunicorn as `benchmarks.floor:application`; its database is the benchmark's.
"""

import os

import environ
from django.conf import settings

_database = environ.Env.db_url_config(os.environ["TOONBANK_DATABASE_URL"])
settings.configure(
    ROOT_URLCONF="benchmarks.floor_urls",
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only-for-benchmarks",  # noqa: S106  guards nothing
    DATABASES={"default": _database | {"CONN_MAX_AGE": None}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=[],
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)

from django.core.wsgi import get_wsgi_application  # noqa: E402  settings come first

application = get_wsgi_application()
