from django.urls import path

from apps.portal.network import views

app_name = "network"

urlpatterns = [
    path("", views.LocationList.as_view(), name="locations"),
    path("<slug:code>/", views.LocationPage.as_view(), name="location"),
]
