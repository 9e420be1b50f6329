from django.urls import path

from apps.messages import views

app_name = "messaging"

urlpatterns = [
    path("", views.Outbox.as_view(), name="outbox"),
    path("<uuid:key>/", views.MessagePage.as_view(), name="message"),
    path("<uuid:key>/again/", views.SendAgain.as_view(), name="again"),
]
