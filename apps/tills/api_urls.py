from django.urls import path

from apps.tills import api

urlpatterns = [
    path("sales/", api.SalesView.as_view()),
]
