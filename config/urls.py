"""Every address of the portal. An app's pages get one line here."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from apps.core import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/v1/schema/", SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]), name="schema"),
    path("api/v1/", include("config.api")),
    path("account/", include("allauth.urls")),
    path("", include("apps.portal.urls")),
    path("imports/", include("apps.portal.importing.urls")),
    path("jobs/", include("apps.portal.jobs.urls")),
    path("reconcile/", include("apps.portal.reconciling.urls")),
    path("locations/", include("apps.portal.network.urls")),
    path("products/", include("apps.catalogue.urls")),
    path("stock/", include("apps.inventory.urls")),
    path("orders/", include("apps.orders.urls")),
    path("returns/", include("apps.returns.urls")),
    path("points/", include("apps.loyalty.urls")),
    path("join/", include("apps.loyalty.enrolment.join_urls")),
    path("card/", include("apps.loyalty.enrolment.card_urls")),
    path("online-revenue/", include("apps.franchise.urls")),
    path("dashboard/", include("apps.kpis.urls")),
    path("customers/", include("apps.customers.urls")),
    path("consent/", include("apps.customers.consent_urls")),
    path("privacy/", include("apps.customers.rights.urls")),
    path("segments/", include("apps.customers.segments.urls")),
    path("contacts/", include("apps.service.urls")),
    path("guidance/", include("apps.service.guidance.urls")),
    path("tickets/", include("apps.tills.urls")),
    path("receipt/", include("apps.tills.receipts.urls")),
    path("quarantine/", include("apps.tills.inbox_urls")),
    path("webhooks/", include("apps.portal.webhooks.urls")),
    path("outbox/", include("apps.messages.urls")),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
