from django.urls import path

from apps.portal.network import agreeing, views

app_name = "network"

urlpatterns = [
    path("", views.LocationList.as_view(), name="locations"),
    path("<slug:code>/agree/", agreeing.Agree.as_view(), name="agree"),
    path("<slug:code>/withdraw-consent/", agreeing.Withdraw.as_view(), name="withdraw-consent"),
    path("<slug:code>/", views.LocationPage.as_view(), name="location"),
]
