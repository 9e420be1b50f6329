"""Paths of webhooks below /api/v1/."""

from django.urls import path

from apps.accounts.webhooks import api

urlpatterns = [
    path("webhook-endpoints/", api.EndpointsView.as_view()),
    path("webhook-endpoints/<uuid:key>/", api.EndpointView.as_view()),
    path("webhook-endpoints/<uuid:key>/rotate-secret/", api.RotateSecretView.as_view()),
    path("webhook-endpoints/<uuid:key>/test/", api.TestView.as_view()),
    path("webhook-endpoints/<uuid:key>/replay/", api.ReplayManyView.as_view()),
    path("webhook-endpoints/<uuid:key>/deliveries/", api.DeliveriesView.as_view()),
    path("webhook-endpoints/<uuid:key>/deliveries/<uuid:delivery>/replay/", api.ReplayView.as_view()),
]
