from django.apps import AppConfig


class RoofConfig(AppConfig):
    """The roof: no models, only the commands that start and stop the whole."""

    name = "config"
    label = "config"
