from django.urls import path

from apps.catalogue import views
from apps.catalogue.linking import LinkGtin, UnlinkGtin

app_name = "catalogue"

urlpatterns = [
    path("", views.ProductList.as_view(), name="products"),
    path("bar-codes/link/", LinkGtin.as_view(), name="link-gtin"),
    path("bar-codes/<str:sku>/unlink/", UnlinkGtin.as_view(), name="unlink-gtin"),
    path("<str:code>/", views.ProductPage.as_view(), name="product"),
]
