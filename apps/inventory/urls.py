from django.urls import path

from apps.inventory.views.correcting import CorrectStock
from apps.inventory.views.documents import StockDocumentPage
from apps.inventory.views.listing import StockDocumentList, StockList, StoreTaskList
from apps.inventory.views.printing import CountSheet, ShelfLabels
from apps.inventory.views.tasks import FinishTask
from apps.inventory.views.variant import ProductStock, VariantStock, WhyPage

app_name = "inventory"

urlpatterns = [
    path("", StockList.as_view(), name="stock"),
    path("documents/", StockDocumentList.as_view(), name="documents"),
    path("documents/<slug:number>/", StockDocumentPage.as_view(), name="document"),
    path("tasks/", StoreTaskList.as_view(), name="tasks"),
    path("tasks/done/", FinishTask.as_view(), name="finish-task"),
    path("count-sheet/", CountSheet.as_view(), name="count-sheet"),
    path("labels/", ShelfLabels.as_view(), name="labels"),
    path("of-product/<str:code>/", ProductStock.as_view(), name="of-product"),
    path("of/<str:sku>/", VariantStock.as_view(), name="variant"),
    path("of/<str:sku>/correct/", CorrectStock.as_view(), name="correct"),
    path("of/<str:sku>/why/", WhyPage.as_view(), name="why"),
]
