from django.urls import path

from apps.customers import views
from apps.customers.figures import views as figures
from apps.customers.review import views as review

app_name = "customers"

urlpatterns = [
    path("", views.FindCustomer.as_view(), name="find"),
    path("choose/", views.ChooseCustomer.as_view(), name="choose"),
    path("doubts/", views.Doubts.as_view(), name="doubts"),
    path("doubts/next/", views.NextDoubt.as_view(), name="next-doubt"),
    path("doubts/take-back/", views.TakeBackDoubt.as_view(), name="take-back-doubt"),
    path("doubts/<uuid:key>/", views.DoubtPage.as_view(), name="doubt"),
    path("doubts/<uuid:key>/decide/", views.Decide.as_view(), name="decide-doubt"),
    path("matching/", views.MatchingRuns.as_view(), name="matching"),
    path("matching/now/", views.MatchNow.as_view(), name="match-now"),
    path("matching/<uuid:key>/", views.MatchingRunPage.as_view(), name="matching-run"),
    path("review/", review.Findings.as_view(), name="review"),
    path("review/<uuid:key>/", review.FindingPage.as_view(), name="finding"),
    path("review/<uuid:key>/judge/", review.JudgeFinding.as_view(), name="judge"),
    path("watched/", review.WatchedNames.as_view(), name="watched"),
    path("watched/<uuid:key>/stop/", review.StopWatching.as_view(), name="stop-watching"),
    path("figures/", figures.OwnCustomers.as_view(), name="figures"),
    path("<uuid:key>/watch/", review.WatchCustomer.as_view(), name="watch"),
    path("barred/", views.BarredValues.as_view(), name="barred"),
    path("barred/new/", views.BarIdentifier.as_view(), name="bar"),
    path("barred/limits/", views.SetLimits.as_view(), name="limits"),
    path("barred/<int:pk>/", views.BarredPage.as_view(), name="barred-value"),
    path("barred/<int:pk>/release/", views.ReleaseIdentifier.as_view(), name="release"),
    path("<uuid:key>/", views.CustomerPage.as_view(), name="customer"),
    path("<uuid:key>/timeline/", views.CustomerTimeline.as_view(), name="timeline"),
    path("<uuid:key>/where-from/", views.WhereFrom.as_view(), name="where-from"),
    path("<uuid:key>/join/", views.JoinCustomer.as_view(), name="join"),
    path("<uuid:key>/join/<uuid:other>/", views.JoinWith.as_view(), name="join-with"),
    path("<uuid:key>/take-apart/", views.TakeApart.as_view(), name="part"),
    path("<uuid:key>/open-work/", views.OpenWorkPanel.as_view(), name="open-work"),
    path("<uuid:key>/household/", views.HouseholdPanel.as_view(), name="household"),
    path("<uuid:key>/consents/", views.ChangeConsent.as_view(), name="consent"),
    path("<uuid:key>/consents/history/", views.ConsentHistory.as_view(), name="consents"),
]
