from django.urls import path

from apps.service.guidance import views
from apps.service.guidance.showing import GuidanceForAnybody, GuidancePanel

app_name = "guidance"

urlpatterns = [
    path("", views.Policies.as_view(), name="policies"),
    path("new/", views.DraftPolicy.as_view(), name="draft"),
    path("card/", GuidanceForAnybody.as_view(), name="card"),
    path("with/<uuid:key>/", GuidancePanel.as_view(), name="with"),
    path("<int:number>/", views.PolicyPage.as_view(), name="policy"),
    path("<int:number>/change/", views.ChangePolicy.as_view(), name="change"),
    path("<int:number>/publish/", views.PublishPolicy.as_view(), name="publish"),
    path("<int:number>/discard/", views.DiscardPolicy.as_view(), name="discard"),
    path("<int:number>/preview/", views.Preview.as_view(), name="preview"),
    path("<int:number>/try/", views.TryPolicy.as_view(), name="try"),
    path("<int:number>/data/", views.DataPage.as_view(), name="data"),
    path("<int:number>/data/<str:datum>/", views.ChangeDatum.as_view(), name="datum"),
    path("<int:number>/rules/new/", views.AddRule.as_view(), name="add-rule"),
    path("<int:number>/rules/<int:position>/", views.ChangeRule.as_view(), name="change-rule"),
    path("<int:number>/rules/<int:position>/drop/", views.DropRule.as_view(), name="drop-rule"),
]
