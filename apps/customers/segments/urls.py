from django.urls import path

from apps.customers.segments import views

app_name = "segments"

urlpatterns = [
    path("", views.Segments.as_view(), name="segments"),
    path("new/", views.NewSegment.as_view(), name="new"),
    path("<uuid:key>/", views.SegmentPage.as_view(), name="segment"),
    path("<uuid:key>/change/", views.ChangeSegment.as_view(), name="change"),
    path("<uuid:key>/count/", views.CountSegment.as_view(), name="count"),
    path("<uuid:key>/export/", views.ExportSegment.as_view(), name="export"),
    path("<uuid:key>/retire/", views.RetireSegment.as_view(), name="retire"),
]
