"""Three views that do nothing more than they must."""

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import generics, serializers


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"ok")


@csrf_exempt
def reserve(request: HttpRequest) -> JsonResponse:
    """Two raw statements in a transaction: take one piece of a stock level, write a row that says so."""
    n = int(request.GET.get("n", "1"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_stocklevel SET reserved = reserved + 1 WHERE id = %s AND on_hand - reserved - safety_delivery >= 1",
            [n],
        )
        cursor.execute(
            "INSERT INTO inventory_reservation (key, channel_id, reference, created_at) "
            "SELECT gen_random_uuid(), min(id), 'floor', now() FROM network_channel"
        )
    return JsonResponse({"ok": True})


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContentType
        fields = ("id", "app_label", "model")


class Row(generics.RetrieveAPIView):
    """One row by its key: what DRF costs at the least."""

    queryset = ContentType.objects.all()
    serializer_class = RowSerializer


urlpatterns = [path("hello", hello), path("reserve", reserve), path("row/<int:pk>", Row.as_view())]
