from django.urls import path

from apps.inventory.views.consignments import (
    AddSupplier,
    Consign,
    ConsignmentList,
    EndConsignment,
    Owed,
)
from apps.inventory.views.correcting import CorrectStock
from apps.inventory.views.counts.acts import ApproveCount, Recount, SubmitCount, WithdrawCount
from apps.inventory.views.counts.count import CountPage
from apps.inventory.views.counts.counting import Counting
from apps.inventory.views.counts.listing import AccuracyList, CountList
from apps.inventory.views.counts.opening import OpenCount
from apps.inventory.views.deliveries import (
    AnnounceDelivery,
    CloseDelivery,
    Deliveries,
    DeliveryPage,
    ReceiveDelivery,
)
from apps.inventory.views.documents import StockDocumentPage
from apps.inventory.views.imbalances import ImbalanceList, WorkOutAnew
from apps.inventory.views.keeping import (
    DropSafetyRule,
    DropThreshold,
    Feeds,
    SafetyRulePage,
    SafetyRules,
    ThresholdPage,
    Thresholds,
)
from apps.inventory.views.listing import StockDocumentList, StockList, StoreTaskList
from apps.inventory.views.packing import PackTransfer, ReceiveTransfer, SendTransfer, UnpackTransfer
from apps.inventory.views.places.keeping import AddPlaces
from apps.inventory.views.places.listing import Lying, PlaceList
from apps.inventory.views.places.moving import MoveInside
from apps.inventory.views.places.putting_away import PutAway
from apps.inventory.views.printing import CountSheet, ShelfLabels
from apps.inventory.views.rebuilding import RebuildLevel
from apps.inventory.views.recalls.listing import RecallList
from apps.inventory.views.recalls.recall import LiftRecall, RecallPage
from apps.inventory.views.recalls.starting import StartRecall
from apps.inventory.views.recalls.taking_off import TakeOff
from apps.inventory.views.requesting import RequestTransfer
from apps.inventory.views.sourcing import (
    AddStrategy,
    ChangeStrategy,
    DraftProfile,
    DropStrategy,
    ProfilePage,
    Profiles,
    PublishProfile,
)
from apps.inventory.views.suggesting import SuggestedTransfers
from apps.inventory.views.tasks import FinishTask
from apps.inventory.views.transfers import AgreeTransfer, CancelTransfer, TransferList, TransferPage, TransferSlip
from apps.inventory.views.variant import ProductStock, VariantStock, WhyPage

app_name = "inventory"

urlpatterns = [
    path("", StockList.as_view(), name="stock"),
    path("documents/", StockDocumentList.as_view(), name="documents"),
    path("documents/<slug:number>/", StockDocumentPage.as_view(), name="document"),
    path("tasks/", StoreTaskList.as_view(), name="tasks"),
    path("tasks/done/", FinishTask.as_view(), name="finish-task"),
    path("deliveries/", Deliveries.as_view(), name="deliveries"),
    path("deliveries/announce/", AnnounceDelivery.as_view(), name="announce-delivery"),
    path("deliveries/<slug:number>/", DeliveryPage.as_view(), name="delivery"),
    path("deliveries/<slug:number>/receive/", ReceiveDelivery.as_view(), name="receive-delivery"),
    path("deliveries/<slug:number>/close/", CloseDelivery.as_view(), name="close-delivery"),
    path("transfers/", TransferList.as_view(), name="transfers"),
    path("transfers/request/", RequestTransfer.as_view(), name="request-transfer"),
    path("transfers/suggested/", SuggestedTransfers.as_view(), name="suggested-transfers"),
    path("imbalances/", ImbalanceList.as_view(), name="imbalances"),
    path("imbalances/anew/", WorkOutAnew.as_view(), name="balance-anew"),
    path("transfers/<slug:number>/", TransferPage.as_view(), name="transfer"),
    path("transfers/<slug:number>/send/", PackTransfer.as_view(), name="send-transfer"),
    path("transfers/<slug:number>/sent/", SendTransfer.as_view(), name="sent-transfer"),
    path("transfers/<slug:number>/receive/", UnpackTransfer.as_view(), name="receive-transfer"),
    path("transfers/<slug:number>/received/", ReceiveTransfer.as_view(), name="received-transfer"),
    path("transfers/<slug:number>/agree/", AgreeTransfer.as_view(), name="agree-transfer"),
    path("transfers/<slug:number>/cancel/", CancelTransfer.as_view(), name="cancel-transfer"),
    path("transfers/<slug:number>/slip/", TransferSlip.as_view(), name="transfer-slip"),
    path("counts/", CountList.as_view(), name="counts"),
    path("counts/open/", OpenCount.as_view(), name="open-count"),
    path("counts/accuracy/", AccuracyList.as_view(), name="accuracy"),
    path("counts/<slug:number>/", CountPage.as_view(), name="count"),
    path("counts/<slug:number>/count/", Counting.as_view(), name="counting"),
    path("counts/<slug:number>/submit/", SubmitCount.as_view(), name="submit-count"),
    path("counts/<slug:number>/approve/", ApproveCount.as_view(), name="approve-count"),
    path("counts/<slug:number>/again/", Recount.as_view(), name="recount"),
    path("counts/<slug:number>/withdraw/", WithdrawCount.as_view(), name="withdraw-count"),
    path("count-sheet/", CountSheet.as_view(), name="count-sheet"),
    path("labels/", ShelfLabels.as_view(), name="labels"),
    path("safety/", SafetyRules.as_view(), name="safety"),
    path("safety/add/", SafetyRulePage.as_view(), name="add-safety-rule"),
    path("safety/<uuid:key>/", SafetyRulePage.as_view(), name="change-safety-rule"),
    path("safety/<uuid:key>/drop/", DropSafetyRule.as_view(), name="drop-safety-rule"),
    path("consignments/", ConsignmentList.as_view(), name="consignments"),
    path("consignments/add/", Consign.as_view(), name="consign"),
    path("consignments/owed/", Owed.as_view(), name="owed"),
    path("consignments/supplier/", AddSupplier.as_view(), name="add-supplier"),
    path("consignments/<uuid:key>/end/", EndConsignment.as_view(), name="end-consignment"),
    path("thresholds/", Thresholds.as_view(), name="thresholds"),
    path("thresholds/add/", ThresholdPage.as_view(), name="add-threshold"),
    path("thresholds/<uuid:key>/", ThresholdPage.as_view(), name="change-threshold"),
    path("thresholds/<uuid:key>/drop/", DropThreshold.as_view(), name="drop-threshold"),
    path("feeds/", Feeds.as_view(), name="feeds"),
    path("sourcing/", Profiles.as_view(), name="sourcing-profiles"),
    path("sourcing/draft/", DraftProfile.as_view(), name="draft-profile"),
    path("sourcing/<slug:version>/", ProfilePage.as_view(), name="sourcing-profile"),
    path("sourcing/<slug:version>/publish/", PublishProfile.as_view(), name="publish-profile"),
    path("sourcing/<slug:version>/add/", AddStrategy.as_view(), name="add-strategy"),
    path("sourcing/<slug:version>/<int:position>/", ChangeStrategy.as_view(), name="change-strategy"),
    path("sourcing/<slug:version>/<int:position>/drop/", DropStrategy.as_view(), name="drop-strategy"),
    path("places/", PlaceList.as_view(), name="places"),
    path("places/add/", AddPlaces.as_view(), name="add-places"),
    path("lying/", Lying.as_view(), name="lying"),
    path("put-away/", PutAway.as_view(), name="put-away"),
    path("recalls/", RecallList.as_view(), name="recalls"),
    path("recalls/start/", StartRecall.as_view(), name="start-recall"),
    path("recalls/take-off/", TakeOff.as_view(), name="take-off"),
    path("recalls/<slug:number>/", RecallPage.as_view(), name="recall"),
    path("recalls/<slug:number>/lift/", LiftRecall.as_view(), name="lift-recall"),
    path("of-product/<str:code>/", ProductStock.as_view(), name="of-product"),
    path("of/<str:sku>/", VariantStock.as_view(), name="variant"),
    path("of/<str:sku>/correct/", CorrectStock.as_view(), name="correct"),
    path("of/<str:sku>/rebuild/<str:code>/<slug:condition>/<str:owner>/", RebuildLevel.as_view(), name="rebuild"),
    path("of/<str:sku>/move/", MoveInside.as_view(), name="move"),
    path("of/<str:sku>/recall/", StartRecall.as_view(), name="recall-this"),
    path("of/<str:sku>/why/", WhyPage.as_view(), name="why"),
]
