from django.urls import path

from apps.loyalty.views import LoyaltyPanel, PointsOfCustomer

app_name = "loyalty"

urlpatterns = [
    path("<uuid:key>/", PointsOfCustomer.as_view(), name="points"),
    path("<uuid:key>/standing/", LoyaltyPanel.as_view(), name="standing"),
]
