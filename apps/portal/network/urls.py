from django.urls import path

from apps.portal.network import agreeing, hours, slots, views

app_name = "network"

urlpatterns = [
    path("", views.LocationList.as_view(), name="locations"),
    path("opening-hours/", hours.ChainHours.as_view(), name="chain-hours"),
    path("opening-hours/change/", hours.ChangeChainHours.as_view(), name="change-chain-hours"),
    path("opening-hours/add-day/", hours.AddChainDay.as_view(), name="add-chain-day"),
    path("opening-hours/days/<uuid:key>/drop/", hours.DropDay.as_view(), name="drop-day"),
    path("slots/<uuid:key>/", slots.ChangeSlot.as_view(), name="change-slot"),
    path("slots/<uuid:key>/drop/", slots.DropSlot.as_view(), name="drop-slot"),
    path("<slug:code>/add-slot/", slots.AddSlot.as_view(), name="add-slot"),
    path("<slug:code>/hours/", hours.ChangeHours.as_view(), name="change-hours"),
    path("<slug:code>/add-day/", hours.AddDay.as_view(), name="add-day"),
    path("<slug:code>/agree/", agreeing.Agree.as_view(), name="agree"),
    path("<slug:code>/withdraw-consent/", agreeing.Withdraw.as_view(), name="withdraw-consent"),
    path("<slug:code>/", views.LocationPage.as_view(), name="location"),
]
