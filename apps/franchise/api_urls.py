from django.urls import path

from apps.franchise import api

urlpatterns = [
    path("orders/<str:number>/attribution/", api.AttributionView.as_view()),
]
