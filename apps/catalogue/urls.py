from django.urls import path

from apps.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.ProductList.as_view(), name="products"),
    path("<str:code>/", views.ProductPage.as_view(), name="product"),
]
