"""Views that do nothing more than they must."""

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
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


class Level(models.Model):
    """A row of stock, as few of its columns as an answer needs."""

    location_id = models.BigIntegerField()
    on_hand = models.DecimalField(max_digits=12, decimal_places=3)
    reserved = models.DecimalField(max_digits=12, decimal_places=3)

    class Meta:
        app_label = "contenttypes"  # an app must be named
        managed = False
        db_table = "inventory_stocklevel"

    def __str__(self) -> str:
        return str(self.pk)


class LevelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Level
        fields = ("location_id", "on_hand", "reserved")


class Levels(generics.ListAPIView):
    """So many rows: what DRF costs at the least."""

    serializer_class = LevelSerializer

    def get_queryset(self) -> models.QuerySet[Level]:
        return Level.objects.order_by("id")[: self.kwargs["count"]]


urlpatterns = [
    path("hello", hello),
    path("reserve", reserve),
    path("row/<int:pk>", Row.as_view()),
    path("rows/<int:count>", Levels.as_view()),
]
