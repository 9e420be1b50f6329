from django.urls import path

from apps.portal.importing.views import booking, loading, reading, showing

app_name = "imports"

urlpatterns = [
    path("", showing.ImportList.as_view(), name="imports"),
    path("new/<slug:kind>/", loading.NewImport.as_view(), name="new"),
    path("new/<slug:kind>/template/", loading.ImportTemplate.as_view(), name="template"),
    path("<uuid:key>/", showing.ImportPage.as_view(), name="import"),
    path("<uuid:key>/reading/", reading.ReadingPage.as_view(), name="reading"),
    path("<uuid:key>/news/", showing.ImportNews.as_view(), name="news"),
    path("<uuid:key>/book/", booking.BookImport.as_view(), name="book"),
    path("<uuid:key>/book-valid/", booking.BookValid.as_view(), name="book-valid"),
    path("<uuid:key>/rejected/", showing.RejectedRows.as_view(), name="rejected"),
]
