from django.urls import path

from apps.tills.views.quarantine import MarkMended, QuarantinedPage, QuarantineList, TryAgain

app_name = "inbox"

urlpatterns = [
    path("", QuarantineList.as_view(), name="quarantine"),
    path("<uuid:key>/", QuarantinedPage.as_view(), name="quarantined"),
    path("<uuid:key>/try-again/", TryAgain.as_view(), name="try-again"),
    path("<uuid:key>/mark-mended/", MarkMended.as_view(), name="mark-mended"),
]
