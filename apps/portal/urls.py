from django.urls import path

from apps.portal import views
from apps.portal.scanning import Scan

app_name = "portal"

urlpatterns = [
    path("", views.Today.as_view(), name="today"),
    path("search/", views.Search.as_view(), name="search"),
    path("scan/", Scan.as_view(), name="scan"),
    path("palette/", views.Palette.as_view(), name="palette"),
    path("preferences/keyboard/", views.Keyboard.as_view(), name="keyboard"),
    path("preferences/theme/", views.set_theme, name="theme"),
    path("preferences/language/", views.set_language, name="language"),
    path("preferences/store/", views.ChooseStore.as_view(), name="choose-store"),
]
