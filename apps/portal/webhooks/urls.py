from django.urls import path

from apps.portal.webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("", views.EndpointList.as_view(), name="endpoints"),
    path("messages/", views.DeliveryList.as_view(), name="deliveries"),
    path("messages/<uuid:key>/", views.DeliveryPage.as_view(), name="delivery"),
    path("messages/<uuid:key>/again/", views.SendAgain.as_view(), name="again"),
    path("<uuid:key>/", views.EndpointPage.as_view(), name="endpoint"),
    path("<uuid:key>/switch-off/", views.SwitchOff.as_view(), name="switch-off"),
    path("<uuid:key>/switch-on/", views.SwitchOn.as_view(), name="switch-on"),
    path("<uuid:key>/test/", views.SendTest.as_view(), name="test"),
]
