"""The API's router: version 1, one line for each app that has something to offer."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
