from django.urls import path

from apps.returns import api

urlpatterns = [
    path("returns/", api.ReturnsView.as_view()),
    path("returns/<str:number>/", api.ReturnView.as_view()),
    path("returns/<str:number>/receive/", api.ReceiveView.as_view()),
    path("returns/<str:number>/inspect/", api.InspectView.as_view()),
    path("returns/<str:number>/refund/", api.RefundView.as_view()),
]
