from django.urls import path

from apps.orders import api
from apps.orders.api_customers import CustomerOrdersView
from apps.orders.api_parcels import LabelView, PackView, UnpackView
from apps.orders.api_shelf_lists import ShelfListsView
from apps.orders.api_sources import SourcesView

urlpatterns = [
    path("orders/", api.OrdersView.as_view()),
    path("orders/<str:number>/", api.OrderView.as_view()),
    path("orders/<str:number>/explain/", SourcesView.as_view()),
    path("orders/<str:number>/payments/", api.PaymentsView.as_view()),
    path("orders/<str:number>/cancel/", api.CancelView.as_view()),
    path("orders/<str:number>/pick/", api.PickView.as_view()),
    path("orders/<str:number>/short/", api.ShortView.as_view()),
    path("orders/<str:number>/ready/", api.ReadyView.as_view()),
    path("orders/<str:number>/hand-over/", api.HandOverView.as_view()),
    path("orders/<str:number>/pack/", PackView.as_view()),
    path("orders/<str:number>/parcels/<slug:parcel>/label/", LabelView.as_view()),
    path("orders/<str:number>/parcels/<slug:parcel>/unpack/", UnpackView.as_view()),
    path("orders/<str:number>/ship/", api.ShipView.as_view()),
    path("shelf-lists/", ShelfListsView.as_view()),
    path("customers/<uuid:key>/orders/", CustomerOrdersView.as_view()),
]
