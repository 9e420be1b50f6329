from django.urls import path

from apps.franchise.views import revenue, rules

app_name = "franchise"

urlpatterns = [
    path("", revenue.OnlineRevenue.as_view(), name="online-revenue"),
    path("lines/", revenue.Lines.as_view(), name="lines"),
    path("lines/<str:number>/<int:line>/", revenue.Line.as_view(), name="line"),
    path("orders/<str:number>/", revenue.OnOrder.as_view(), name="on-order"),
    path("rules/", rules.RuleSets.as_view(), name="rule-sets"),
    path("rules/draft/", rules.DraftRules.as_view(), name="draft-rules"),
    path("rules/<str:version>/", rules.RuleSetPage.as_view(), name="rule-set"),
    path("rules/<str:version>/publish/", rules.PublishRules.as_view(), name="publish-rules"),
]
