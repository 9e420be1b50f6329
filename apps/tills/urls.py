from django.urls import path

from apps.tills.views.tickets import TicketList

app_name = "tills"

urlpatterns = [
    path("", TicketList.as_view(), name="tickets"),
]
