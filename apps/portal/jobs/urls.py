from django.urls import path

from apps.portal.jobs import views

app_name = "jobs"

urlpatterns = [
    path("", views.JobList.as_view(), name="jobs"),
    path("news/", views.JobsNews.as_view(), name="header"),
    path("<uuid:key>/", views.JobPage.as_view(), name="job"),
    path("<uuid:key>/news/", views.JobNews.as_view(), name="news"),
    path("<uuid:key>/stop/", views.CancelJob.as_view(), name="stop"),
    path("<uuid:key>/again/", views.RetryJob.as_view(), name="again"),
    path("<uuid:key>/file/", views.JobFile.as_view(), name="file"),
]
