"""Settings. Everything that differs between installations comes from TOONBANK_* variables."""

import importlib.util
from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

from config import secret
from config.embedded import running
from config.embedded.places import Places
from config.log import logging_config
from config.schedule import SCHEDULE

env = environ.Env()


def package_dir(name: str, *parts: str) -> Path:
    """Folder inside an installed package whose static files are wanted without its app."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent.joinpath(*parts)


# --- the installation -------------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("TOONBANK_DATA", default=str(BASE_DIR / ".data"))).expanduser().resolve()
PLACES = Places(DATA_DIR)

DEBUG = env.bool("TOONBANK_DEBUG", default=False)
# Written by `up --demo`, so that a command run by hand beside it knows that this is the demo.
DEMO_STATE = DATA_DIR / "demo"
DEMO_ACCESS = DATA_DIR / "demo-access.json"
DEMO = env.bool("TOONBANK_DEMO", default=DEMO_STATE.exists())
_here = running.held_by(PLACES)
PORT = env.int("PORT", default=_here.port if _here and _here.port else 8000)
BASE_URL = env.str("TOONBANK_BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
SECRET_KEY = env.str("TOONBANK_SECRET_KEY", default="") or secret.kept_in(DATA_DIR)
# Digests of personal data are made with it, so it stays when the secret key changes.
ERASURES = PLACES.erasures
IDENTITY_KEY = env.str("TOONBANK_IDENTITY_KEY", default="") or SECRET_KEY
# From so many source records together two clerks are to say that customers are one; 0 for never.
MATCHING_SECOND_LOOK_FROM = env.int("TOONBANK_MATCHING_SECOND_LOOK_FROM", default=0)
ALLOWED_HOSTS = env.list("TOONBANK_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# --- apps, floor by floor from the bottom -----------------------------------------------------------------------------

FLOORS = [
    "core",
    "network",
    "accounts",
    "portal",
    "catalogue",
    "inventory",
    "customers",
    "service",
    "messages",
    "payments",
    "orders",
    "returns",
    "loyalty",
    "franchise",
    "tills",
    "kpis",
]

INSTALLED_APPS = [
    "config.apps.RoofConfig",
    *(f"apps.{floor}" for floor in FLOORS),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "config.apps.UsedStaticFilesConfig",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "django_filters",
    "django_tables2",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_standardized_errors",
    "django_cotton.apps.SimpleAppConfig",
    "pgtrigger",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.surfaces.SurfaceMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # allauth does not start without finding it here
]
PAGE_MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",  # lists become six times smaller, for phones in a shop's cellar
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.core.acting.ActingMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.portal.signing_in.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
API_MIDDLEWARE = [
    "config.request_limits.BodyLimitMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "apps.core.acting.ActingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
COTTON_DIR = "components"
FORM_RENDERER = "apps.portal.rendering.PortalForms"

# --- database ---------------------------------------------------------------------------------------------------------

EMBEDDED_POSTGRES = not env.str("TOONBANK_DATABASE_URL", default="")
DATABASES: dict[str, dict[str, Any]]
if not EMBEDDED_POSTGRES:
    DATABASES = {"default": env.db("TOONBANK_DATABASE_URL")}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(PLACES.run),
            "PORT": "5432",
            "USER": "toonbank",
            "NAME": "toonbank",
        }
    }
DATABASES["default"].setdefault("OPTIONS", {})
# Each thread keeps its connection; after a restart of the server no request meets a dead one.
DATABASES["default"] |= {"ENGINE": "config.database", "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
# Nobody waits for a lock longer than a customer would: the service tries again, then says that it is busy.
# How much of two words is alike when one is the other misspelled: docs/decisions/0010-how-things-are-found.md
DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=4000 -c pg_trgm.strict_word_similarity_threshold=0.4"
# Statements that come again are planned once per connection: docs/decisions/0008-prepared-statements.md
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 3}

# --- broker, cache, background work -----------------------------------------------------------------------------------

EMBEDDED_VALKEY = not env.str("TOONBANK_BROKER_URL", default="")
CELERY_BROKER_URL = env.str("TOONBANK_BROKER_URL", default="") or f"redis+socket://{PLACES.valkey_socket}"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True  # what a job did stands in its Job row
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 3000  # below the visibility timeout, or a long task would be handed out twice
CELERY_TASK_SOFT_TIME_LIMIT = 2900
# A nudge that cannot be sent must not hold up the page: the periodic sweep catches what it missed.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
# Jobs take minutes and have a worker of their own, so that events and mail never wait behind them.
# So has what waits for others over HTTP, webhooks and carriers, since they may take their time.
CELERY_TASK_ROUTES = {
    "core.run_job": {"queue": "jobs"},
    "accounts.send_webhooks": {"queue": "webhooks"},
    "orders.book_parcels": {"queue": "webhooks"},
    "orders.follow_parcels": {"queue": "webhooks"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("TOONBANK_WORKERS", default=2)
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TIMEZONE = "Europe/Amsterdam"

if CELERY_BROKER_URL.startswith("redis+socket://"):
    _cache_url = CELERY_BROKER_URL.replace("redis+socket://", "unix://") + "?db=1"
else:
    _cache_url = env.str("TOONBANK_CACHE_URL", default="")
    if not _cache_url and CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
        _cache_url = CELERY_BROKER_URL
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _cache_url, "KEY_PREFIX": "cache"}
    if _cache_url
    # Rate limits count over all web processes, so memory of one process would not do.
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "toonbank_cache"}
}

# --- people who sign in -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "apps.accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is sent to the address, and its link proves it
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # allauth would begin with the host in brackets
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Toonbank"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # see ACCOUNT_EMAIL_VERIFICATION
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SESSION_COOKIE_NAME = "toonbank_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "toonbank_csrf"
CSRF_COOKIE_HTTPONLY = True  # the page carries the token itself
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"
LANGUAGE_COOKIE_NAME = "toonbank_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- safety on the wire -----------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
TRUST_PROXY = env.bool("TOONBANK_TRUST_PROXY", default=False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

# What pages may ask a browser for: the camera, for the scan box.
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "camera": "self",
    "display-capture": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}

# What an API body may weigh: a thousand till tickets fit eight times over.
API_BODY_LIMIT = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- language, time, files, mail --------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = PLACES.static
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", package_dir("django_include_bootstrap", "static")),
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", "woff", "woff2", "gz", "br", "zip", "map"]
MEDIA_ROOT = PLACES.media
MEDIA_URL = "media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

if env.str("TOONBANK_MAIL_URL", default=""):
    vars().update(env.email("TOONBANK_MAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(PLACES.mail)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("TOONBANK_MAIL_FROM", default="Toonbank <no-reply@toonbank.example>")

# --- API --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.api_auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["config.api_json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api_json.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.Schema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "DATETIME_FORMAT": "iso-8601",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
# What the digits of a scale's label mean, by prefix (apps/core/codes/measuring.py). The country and the retailer decide:
# compare it with the scales. Prefix 26 is left alone, for loyalty cards have it.
MEASURE_CODES = {
    "21": "price:PPIIIIIVVVVV:2",
    "22": "price:PPIIIIIVVVVV:2",
    "23": "price:PPIIIICVVVVV:2",
    "28": "weight:PPIIIICVVVVV:3",
    "29": "weight:PPIIIIIVVVVV:3",
}
if _layouts := env.dict("TOONBANK_MEASURE_CODES", default={}):
    MEASURE_CODES = {str(prefix): str(layout) for prefix, layout in _layouts.items()}
# What a count may differ by without somebody's approval: pieces of one product, and worth in all at the store's prices.
COUNT_PIECES = env.int("TOONBANK_COUNT_PIECES", default=5)
COUNT_VALUE = env.int("TOONBANK_COUNT_VALUE", default=50)
# Webhooks go to public addresses; to this very machine only where somebody tries them out.
WEBHOOKS_TO_LOOPBACK = env.bool("TOONBANK_WEBHOOKS_TO_LOOPBACK", default=DEMO)
# Look-ups of persons, per API client and per member of staff.
CUSTOMER_LOOKUP_RATE = env.str("TOONBANK_LOOKUP_RATE", default="1200/min")
STAFF_LOOKUP_RATE = env.str("TOONBANK_STAFF_LOOKUP_RATE", default="60/min")
# Pages without an account: how much one address may ask for, how often it may be wrong, and how many mails one e-mail address
# gets of what strangers typed. Customers on a store's own network share an address.
PUBLIC_RATE = env.str("TOONBANK_PUBLIC_RATE", default="600/min")
PUBLIC_GUESS_RATE = env.str("TOONBANK_PUBLIC_GUESS_RATE", default="10/min")
RECEIPT_MAIL_RATE = env.str("TOONBANK_RECEIPT_MAIL_RATE", default="30/day")
PUBLIC_MAIL_RATE = env.str("TOONBANK_PUBLIC_MAIL_RATE", default="3/day")
NETWORK_LOOKUP_RATE = env.str("TOONBANK_NETWORK_LOOKUP_RATE", default="2400/min")  # of all behind one address
DRF_STANDARDIZED_ERRORS = {
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
    "EXCEPTION_HANDLER_CLASS": "apps.core.api_errors.DomainAwareHandler",
    "EXCEPTION_FORMATTER_CLASS": "apps.core.api_errors.DomainAwareFormatter",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Toonbank API",
    "VERSION": "1",
    "DESCRIPTION": "One counter for every channel: products, availability, orders, returns, customers and sales.",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # the API document has a check of its own
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ConsentPurposeEnum": "apps.customers.models.consent.Purpose.choices",
        "EvidenceEnum": "apps.franchise.models.Evidence.choices",
        "OrderMethodEnum": "apps.orders.models.Method.choices",
        "OrderStatusEnum": "apps.orders.models.OrderStatus.choices",
        "OrderLineStatusEnum": "apps.orders.models.LineStatus.choices",
        "ReturnStatusEnum": "apps.returns.models.ReturnStatus.choices",
        "ReturnReasonEnum": "apps.returns.models.Reason.choices",
        "GradeEnum": "apps.inventory.models.Condition.choices",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.openapi.add_refusals"],
}

# --- logs: one JSON object a line, with the id of the request ---------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
# An address is personal data; the web server in front keeps it as long as it may.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20
LOGGING = logging_config(readable=DEBUG, level=env.str("TOONBANK_LOG_LEVEL", default="INFO"))
