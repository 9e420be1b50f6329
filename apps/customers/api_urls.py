from django.urls import path

from apps.customers import api

urlpatterns = [
    path("customers/", api.SignUpView.as_view(), name="customers"),
    path("customers/lookup/", api.LookupView.as_view(), name="customer-lookup"),
    path("customers/<uuid:key>/", api.CustomerView.as_view(), name="customer"),
    path("customers/<uuid:key>/consents/", api.ConsentsView.as_view(), name="customer-consents"),
]
