from django.urls import path

from apps.service import views

app_name = "service"

urlpatterns = [
    path("", views.ContactList.as_view(), name="contacts"),
    path("<uuid:key>/", views.ContactPage.as_view(), name="contact"),
    path("with/<uuid:key>/", views.ComposeContact.as_view(), name="compose"),
    path("with/<uuid:key>/log/", views.LogContact.as_view(), name="log"),
]
