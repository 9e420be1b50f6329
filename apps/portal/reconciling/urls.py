from django.urls import path

from apps.portal.reconciling import views

app_name = "reconciling"

urlpatterns = [
    path("", views.Comparisons.as_view(), name="runs"),
    path("now/", views.CompareNow.as_view(), name="now"),
    path("<uuid:key>/", views.ComparisonPage.as_view(), name="run"),
]
