from django.urls import path

from apps.kpis.views import dashboard, goals

app_name = "kpis"

urlpatterns = [
    path("", dashboard.Dashboard.as_view(), name="dashboard"),
    path("goals/", goals.Goals.as_view(), name="goals"),
    path("goals/<slug:slug>/", goals.GoalPage.as_view(), name="goal"),
]
