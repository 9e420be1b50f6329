from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "apps.core"
    verbose_name = _("Core")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the rooms in which every app registers itself with a lower one."""
        from apps.core.audit.triggers import listen
        from apps.core.privacy import declarations  # noqa: F401  (models are there by now)

        listen()

        autodiscover_modules(
            "subscribers", "portal", "privacy", "reconciling", "jobs", "webhooks", "measures", "telling"
        )
