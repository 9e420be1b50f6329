"""Paths of the catalogue below /api/v1/."""

from django.urls import path

from apps.catalogue.api import ProductsView, ProductView

urlpatterns = [
    path("products/", ProductsView.as_view(), name="products"),
    path("products/<str:sku>/", ProductView.as_view(), name="product"),
]
