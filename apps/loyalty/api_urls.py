from django.urls import path

from apps.loyalty import api

urlpatterns = [
    path("customers/<uuid:key>/loyalty/", api.CustomerLoyaltyView.as_view(), name="customer-loyalty"),
]
