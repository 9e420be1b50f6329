from django.urls import path

from apps.orders.views.addressing import ChangeAddress
from apps.orders.views.collecting import Collect, HandOver
from apps.orders.views.customers import OpenOrders
from apps.orders.views.dry_runs import DryRunPage, DryRunsOfProfile, TryProfile
from apps.orders.views.keeping import CollectTerms, KeepLonger, NameCollector
from apps.orders.views.listing import OrderList
from apps.orders.views.order import CancelOrder, OrderPage
from apps.orders.views.ordering import OrderInStore
from apps.orders.views.parcels import BookAgain, NoteTracking, ParcelLabel, ParcelLeft, UnpackParcel
from apps.orders.views.picking import MakeReady, NotFound, PickList, PickOrderPage
from apps.orders.views.printing import PackingSlip, PrintedPickList
from apps.orders.views.recalls import OrdersOfRecall, RecalledOrders
from apps.orders.views.refusing import Refuse
from apps.orders.views.rerouting import Reroute
from apps.orders.views.shelf_list import MailShelfList, ShelfList, ShelfListOfOrder
from apps.orders.views.shipping import Ship
from apps.orders.views.sources import Sources
from apps.orders.views.times import ChooseTime

app_name = "orders"

urlpatterns = [
    path("", OrderList.as_view(), name="orders"),
    path("pick/", PickList.as_view(), name="pick-list"),
    path("pick/print/", PrintedPickList.as_view(), name="pick-list-printed"),
    path("collect/", Collect.as_view(), name="collect"),
    path("collect/terms/", CollectTerms.as_view(), name="collect-terms"),
    path("open/<uuid:key>/", OpenOrders.as_view(), name="open-of-customer"),
    path("dry-runs/of/<slug:version>/", DryRunsOfProfile.as_view(), name="dry-runs-of"),
    path("dry-runs/of/<slug:version>/try/", TryProfile.as_view(), name="try-profile"),
    path("dry-runs/<uuid:key>/", DryRunPage.as_view(), name="dry-run"),
    path("shelf-list/", ShelfList.as_view(), name="shelf-list"),
    path("shelf-list/mail/", MailShelfList.as_view(), name="mail-shelf-list"),
    path("recalled/<slug:number>/", RecalledOrders.as_view(), name="recalled"),
    path("recalled/<slug:number>/panel/", OrdersOfRecall.as_view(), name="of-recall"),
    path("in-store/<str:sku>/", OrderInStore.as_view(), name="in-store"),
    path("<slug:number>/", OrderPage.as_view(), name="order"),
    path("<slug:number>/shelf-list/", ShelfListOfOrder.as_view(), name="shelf-list-of"),
    path("<slug:number>/sources/", Sources.as_view(), name="sources"),
    path("<slug:number>/pick/", PickOrderPage.as_view(), name="pick"),
    path("<slug:number>/lines/<int:line>/not-found/", NotFound.as_view(), name="not-found"),
    path("<slug:number>/packing-slip/", PackingSlip.as_view(), name="packing-slip"),
    path("<slug:number>/refuse/", Refuse.as_view(), name="refuse"),
    path("<slug:number>/reroute/", Reroute.as_view(), name="reroute"),
    path("<slug:number>/time/", ChooseTime.as_view(), name="choose-time"),
    path("<slug:number>/address/", ChangeAddress.as_view(), name="change-address"),
    path("<slug:number>/ready/", MakeReady.as_view(), name="ready"),
    path("<slug:number>/ship/", Ship.as_view(), name="ship"),
    path("<slug:number>/parcels/<slug:parcel>/label/", ParcelLabel.as_view(), name="parcel-label"),
    path("<slug:number>/parcels/<slug:parcel>/left/", ParcelLeft.as_view(), name="parcel-left"),
    path("<slug:number>/parcels/<slug:parcel>/again/", BookAgain.as_view(), name="parcel-again"),
    path("<slug:number>/parcels/<slug:parcel>/tracking/", NoteTracking.as_view(), name="parcel-tracking"),
    path("<slug:number>/parcels/<slug:parcel>/unpack/", UnpackParcel.as_view(), name="unpack-parcel"),
    path("<slug:number>/hand-over/", HandOver.as_view(), name="hand-over"),
    path("<slug:number>/keep/", KeepLonger.as_view(), name="keep"),
    path("<slug:number>/collector/", NameCollector.as_view(), name="collector"),
    path("<slug:number>/cancel/", CancelOrder.as_view(), name="cancel"),
]
