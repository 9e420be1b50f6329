from django.urls import path

from apps.loyalty.enrolment import public

app_name = "join"

urlpatterns = [
    path("", public.TypeCode.as_view(), name="code"),
    path("<str:token>/", public.Join.as_view(), name="form"),
]
