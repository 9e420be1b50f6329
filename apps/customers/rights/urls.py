from django.urls import path

from apps.customers.rights import views

app_name = "privacy"

urlpatterns = [
    path("", views.PrivacyRequests.as_view(), name="requests"),
    path("retention/", views.Retention.as_view(), name="retention"),
    path("retention/<slug:code>/", views.RetentionRulePage.as_view(), name="retention-rule"),
    path("retention/<slug:code>/try/", views.TryTerm.as_view(), name="try-term"),
    path("retention/<slug:code>/set/", views.SetTerm.as_view(), name="set-term"),
    path("new/<uuid:key>/", views.RegisterRequest.as_view(), name="register"),
    path("of/<uuid:key>/", views.PrivacyPanel.as_view(), name="panel"),
    path("of/<uuid:key>/correct/", views.CorrectCustomer.as_view(), name="correct"),
    path("of/<uuid:key>/hold/", views.Hold.as_view(), name="hold"),
    path("of/<uuid:key>/hold/end/", views.EndHold.as_view(), name="end-hold"),
    path("of/<uuid:key>/restriction/end/", views.EndRestriction.as_view(), name="end-restriction"),
    path("<str:number>/", views.PrivacyRequestPage.as_view(), name="request"),
    path("<str:number>/open/", views.OpenCustomer.as_view(), name="open"),
    path("<str:number>/identity/", views.CheckIdentity.as_view(), name="identity"),
    path("<str:number>/extend/", views.ExtendRequest.as_view(), name="extend"),
    path("<str:number>/file/", views.ExportData.as_view(), name="export"),
    path("<str:number>/erase/", views.EraseCustomer.as_view(), name="erase"),
    path("<str:number>/restrict/", views.RestrictUse.as_view(), name="restrict"),
    path("<str:number>/stop/", views.StopPurposes.as_view(), name="stop"),
    path("<str:number>/finish/", views.FinishRequest.as_view(), name="finish"),
    path("<str:number>/refuse/", views.RefuseRequest.as_view(), name="refuse"),
    path("<str:number>/take-back/", views.TakeBackRequest.as_view(), name="take-back"),
]
