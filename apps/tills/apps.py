from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TillsConfig(AppConfig):
    name = "apps.tills"
    verbose_name = _("Tills")
    default_auto_field = "django.db.models.BigAutoField"
