"""What links in mails lead to, for anybody who has the link."""

from django.urls import path

from apps.customers.views import public

app_name = "consent"

urlpatterns = [
    path("confirm/<str:token>/", public.ConfirmConsent.as_view(), name="confirm"),
    path("stop/<str:token>/", public.StopConsent.as_view(), name="stop"),
]
