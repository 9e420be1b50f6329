"""Paths of stock below /api/v1/."""

from django.urls import path

from apps.inventory.api import AvailabilityView, ExplainView
from apps.inventory.api_deliveries import CloseDeliveryView, DeliveriesView, DeliveryView, ReceiveDeliveryView
from apps.inventory.api_reservations import ReservationsView, ReservationView
from apps.inventory.api_slots import DeliverySlotsView
from apps.inventory.api_transfers import (
    AgreeTransferView,
    CancelTransferView,
    ReceiveTransferView,
    SendTransferView,
    TransfersView,
    TransferView,
)

urlpatterns = [
    path("transfers/", TransfersView.as_view(), name="transfers"),
    path("transfers/<slug:number>/", TransferView.as_view(), name="transfer"),
    path("transfers/<slug:number>/agree/", AgreeTransferView.as_view(), name="agree-transfer"),
    path("transfers/<slug:number>/send/", SendTransferView.as_view(), name="send-transfer"),
    path("transfers/<slug:number>/receive/", ReceiveTransferView.as_view(), name="receive-transfer"),
    path("transfers/<slug:number>/cancel/", CancelTransferView.as_view(), name="cancel-transfer"),
    path("availability/", AvailabilityView.as_view(), name="availability"),
    path("availability/explain/", ExplainView.as_view(), name="availability-explain"),
    path("delivery-slots/", DeliverySlotsView.as_view(), name="delivery-slots"),
    path("deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<slug:number>/", DeliveryView.as_view(), name="delivery"),
    path("deliveries/<slug:number>/receive/", ReceiveDeliveryView.as_view(), name="receive-delivery"),
    path("deliveries/<slug:number>/close/", CloseDeliveryView.as_view(), name="close-delivery"),
    path("reservations/", ReservationsView.as_view(), name="reservations"),
    path("reservations/<uuid:key>/", ReservationView.as_view(), name="reservation"),
]
