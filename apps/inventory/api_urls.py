"""Paths of stock below /api/v1/."""

from django.urls import path

from apps.inventory.api import AvailabilityView, ExplainView
from apps.inventory.api_deliveries import CloseDeliveryView, DeliveriesView, DeliveryView, ReceiveDeliveryView
from apps.inventory.api_reservations import ReservationsView, ReservationView

urlpatterns = [
    path("availability/", AvailabilityView.as_view(), name="availability"),
    path("availability/explain/", ExplainView.as_view(), name="availability-explain"),
    path("deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<slug:number>/", DeliveryView.as_view(), name="delivery"),
    path("deliveries/<slug:number>/receive/", ReceiveDeliveryView.as_view(), name="receive-delivery"),
    path("deliveries/<slug:number>/close/", CloseDeliveryView.as_view(), name="close-delivery"),
    path("reservations/", ReservationsView.as_view(), name="reservations"),
    path("reservations/<uuid:key>/", ReservationView.as_view(), name="reservation"),
]
