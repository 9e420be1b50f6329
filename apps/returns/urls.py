from django.urls import path

from apps.returns.views.customers import Spending
from apps.returns.views.detail import OnOrder, ReturnPage, WithdrawReturn
from apps.returns.views.listing import ReturnList
from apps.returns.views.taking_back import FindPurchase, TakeBack, TakeIn

app_name = "returns"

urlpatterns = [
    path("", ReturnList.as_view(), name="returns"),
    path("take-back/", FindPurchase.as_view(), name="find"),
    path("take-back/<slug:number>/", TakeBack.as_view(), name="take-back"),
    path("spending/<uuid:key>/", Spending.as_view(), name="spending"),
    path("on-order/<slug:number>/", OnOrder.as_view(), name="on-order"),
    path("<slug:number>/", ReturnPage.as_view(), name="return"),
    path("<slug:number>/withdraw/", WithdrawReturn.as_view(), name="withdraw"),
    path("<slug:number>/take-in/", TakeIn.as_view(), name="take-in"),
]
