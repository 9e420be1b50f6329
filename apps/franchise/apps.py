from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FranchiseConfig(AppConfig):
    name = "apps.franchise"
    verbose_name = _("Franchise")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.franchise.services import measuring  # noqa: F401  (registers the measure of dry runs)
