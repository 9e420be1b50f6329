from django.urls import path

from apps.service import api

urlpatterns = [path("contacts/", api.ContactsView.as_view(), name="contacts")]
