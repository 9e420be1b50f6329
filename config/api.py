"""The API's router: version 1, one line for each app that has something to offer."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.accounts.webhooks.api_urls")),
    path("", include("apps.catalogue.api_urls")),
    path("", include("apps.inventory.api_urls")),
    path("", include("apps.customers.api_urls")),
    path("", include("apps.service.api_urls")),
    path("", include("apps.orders.api_urls")),
    path("", include("apps.returns.api_urls")),
    path("", include("apps.loyalty.api_urls")),
    path("", include("apps.franchise.api_urls")),
    path("", include("apps.tills.api_urls")),
]
