from django.urls import path

from apps.customers import views

app_name = "customers"

urlpatterns = [
    path("", views.FindCustomer.as_view(), name="find"),
    path("choose/", views.ChooseCustomer.as_view(), name="choose"),
    path("<uuid:key>/", views.CustomerPage.as_view(), name="customer"),
    path("<uuid:key>/timeline/", views.CustomerTimeline.as_view(), name="timeline"),
    path("<uuid:key>/consents/", views.ChangeConsent.as_view(), name="consent"),
    path("<uuid:key>/consents/history/", views.ConsentHistory.as_view(), name="consents"),
]
