from django.urls import path

from apps.tills.receipts import public

app_name = "receipt"

urlpatterns = [path("<str:token>/", public.Receipt.as_view(), name="receipt")]
