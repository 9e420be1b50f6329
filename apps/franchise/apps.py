from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FranchiseConfig(AppConfig):
    name = "apps.franchise"
    verbose_name = _("Franchise")
    default_auto_field = "django.db.models.BigAutoField"
