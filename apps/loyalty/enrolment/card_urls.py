from django.urls import path

from apps.loyalty.enrolment import public

app_name = "card"

urlpatterns = [
    path("worker.js", public.Worker.as_view(), name="worker"),
    path("confirm/<str:token>/", public.Confirm.as_view(), name="confirm"),
    path("<str:token>/", public.Card.as_view(), name="card"),
    path("<str:token>/wallet/", public.Wallet.as_view(), name="wallet"),
    path("<str:token>/wallet/manifest.webmanifest", public.Manifest.as_view(), name="manifest"),
    path("<str:token>/say/", public.Say.as_view(), name="say"),
    path("<str:token>/stop/", public.StopLinks.as_view(), name="stop"),
]
