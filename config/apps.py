from importlib import import_module

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class RoofConfig(AppConfig):
    """The roof: no models, only the commands that start and stop the whole."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        """Let the API document know its extensions, which register when they are imported."""
        import_module("config.openapi")


class UsedStaticFilesConfig(StaticFilesConfig):
    """Collects what pages use; the rest of what packages bring would take most of the time of collecting."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "rest_framework",
        "django_tables2",
        "*.rtl.*",
        "*.esm.*",
        *(f"bootstrap{part}.css*" for part in ("", "-grid", "-reboot", "-utilities")),
        "*-4.js",
        "*-4.min.js",
    ]
