from django.urls import path

from apps.portal import views
from apps.portal.scanning import Scan
from apps.portal.work.views import Work, WorkTimes

app_name = "portal"

urlpatterns = [
    path("", views.Today.as_view(), name="today"),
    path("search/", views.Search.as_view(), name="search"),
    path("scan/", Scan.as_view(), name="scan"),
    path("work/", Work.as_view(), name="work"),
    path("work/deadlines/", WorkTimes.as_view(), name="work-times"),
    path("palette/", views.Palette.as_view(), name="palette"),
    path("preferences/keyboard/", views.Keyboard.as_view(), name="keyboard"),
    path("preferences/theme/", views.set_theme, name="theme"),
    path("preferences/language/", views.set_language, name="language"),
    path("preferences/store/", views.ChooseStore.as_view(), name="choose-store"),
]
