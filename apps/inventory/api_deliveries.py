"""What suppliers announce, as purchasing tells it: announced, looked at, received, closed."""

from decimal import Decimal
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer, Pages, WriteView
from apps.accounts.api_fields import Quantity
from apps.accounts.roles import Scope
from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.core.errors import Fault, InvalidInput
from apps.core.money import plain
from apps.inventory.models import NoticeStatus, Place, PurchaseNotice
from apps.inventory.services.purchases.announcing import announce_delivery, close_notice
from apps.inventory.services.purchases.receiving import Came, receive_delivery
from apps.network.models import Location

_TAGS = ["deliveries"]
_MOST_LINES = 500


class NoticeLineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    quantity = Quantity(min_value=Decimal("0.001"))


class AnnouncementSerializer(serializers.Serializer[Any]):
    location = serializers.CharField(max_length=16)
    supplier = serializers.CharField(max_length=PurchaseNotice._meta.get_field("supplier").max_length)
    reference = serializers.CharField(max_length=PurchaseNotice._meta.get_field("reference").max_length)
    expected_on = serializers.DateField()
    lines = serializers.ListField(child=NoticeLineSerializer(), min_length=1, max_length=_MOST_LINES)


class PurchaseNoticeLine(serializers.Serializer[Any]):
    sku = serializers.CharField()
    announced = Quantity()
    received = Quantity()
    to_come = Quantity()


class PurchaseNoticeAnswer(serializers.Serializer[Any]):
    number = serializers.CharField()
    status = serializers.ChoiceField(NoticeStatus.choices)
    location = serializers.CharField()
    supplier = serializers.CharField()
    reference = serializers.CharField()
    expected_on = serializers.DateField()
    receipts = serializers.IntegerField(help_text="In how many goes goods came so far.")
    lines = PurchaseNoticeLine(many=True)


class CameLine(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    quantity = Quantity(min_value=Decimal("0.001"))
    shelf = serializers.CharField(max_length=Place._meta.get_field("code").max_length, required=False, default="")


class ReceiptSerializer(serializers.Serializer[Any]):
    receipt = serializers.IntegerField(
        min_value=1, max_value=9999, help_text="The how-manieth go this is: one more than `receipts` says."
    )
    lines = serializers.ListField(child=CameLine(), min_length=1, max_length=_MOST_LINES)


class DeliveryQuery(serializers.Serializer[Any]):
    status = serializers.ChoiceField(NoticeStatus.choices, required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=Pages.max_page_size)
    cursor = serializers.CharField(required=False, help_text="Comes with `next`; leave it as it is.")


def _document(notice: PurchaseNotice) -> dict[str, Any]:
    return {
        "number": notice.number,
        "status": notice.status,
        "location": notice.location.code,
        "supplier": notice.supplier,
        "reference": notice.reference,
        "expected_on": notice.expected_on.isoformat(),
        "receipts": notice.goes,
        "lines": [
            {
                "sku": line.variant.sku,
                "announced": plain(line.announced),
                "received": plain(line.received),
                "to_come": plain(line.to_come),
            }
            for line in notice.lines.all()
        ],
    }


def variants_of(lines: list[dict[str, Any]]) -> dict[str, Variant]:
    """The variants that lines name. Raises InvalidInput with a fault for each that does not exist."""
    found = {variant.sku: variant for variant in Variant.objects.filter(sku__in={line["sku"] for line in lines})}
    faults = [
        Fault("does_not_exist", _("There is no SKU %(sku)s.") % {"sku": line["sku"]}, f"lines.{n}.sku")
        for n, line in enumerate(lines)
        if line["sku"] not in found
    ]
    if faults:
        raise InvalidInput(faults[0].detail, code="does_not_exist", faults=faults)
    return found


class _OfNotices(ApiView):
    """The notices of the locations that the client reaches."""

    def notices(self) -> Any:
        return (
            PurchaseNotice.objects.visible_to(self.client).select_related("location").prefetch_related("lines__variant")
        )

    def notice(self, number: str) -> PurchaseNotice:
        notice: PurchaseNotice | None = self.notices().filter(number=number).first()
        if notice is None:
            raise Http404
        return notice


class DeliveriesView(_OfNotices, WriteView):
    """Announce a delivery; the same goods under the same supplier's reference again give the one that stands."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE, "POST": Scope.STORE_OPERATE}
    pagination_class = Pages
    serializer_class = AnnouncementSerializer

    @extend_schema(tags=_TAGS, parameters=[DeliveryQuery], responses=PurchaseNoticeAnswer(many=True))
    def get(self, request: Request) -> Response:
        """Deliveries, by status if one is asked for."""
        asked = DeliveryQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        status = asked.validated_data.get("status")
        return self.page_of(self.notices().filter(status=status) if status else self.notices(), _document)

    @extend_schema(
        tags=_TAGS, request=AnnouncementSerializer, responses={200: PurchaseNoticeAnswer, 201: PurchaseNoticeAnswer}
    )
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        location = Location.objects.visible_to(self.client).filter(code=data["location"]).first()
        if location is None:
            detail = _("There is no location %(code)s.") % {"code": data["location"]}
            raise InvalidInput(detail, code="does_not_exist", faults=[Fault("does_not_exist", detail, "location")])
        variants = variants_of(data["lines"])
        before = PurchaseNotice.objects.filter(
            location=location, supplier=data["supplier"], reference=data["reference"]
        ).exists()
        notice = announce_delivery(
            location=location,
            supplier=data["supplier"],
            reference=data["reference"],
            expected_on=data["expected_on"],
            lines=[(variants[line["sku"]], line["quantity"]) for line in data["lines"]],
            actor=actor_of(self.client),
        )
        return (200 if before else 201), _document(notice)


class DeliveryView(_OfNotices):
    """One delivery: what was announced, what came, what is still to come."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=_TAGS, responses=PurchaseNoticeAnswer)
    def get(self, request: Request, number: str) -> Response:
        return Response(_document(self.notice(number)))


class ReceiveDeliveryView(_OfNotices, WriteView):
    """Book what came. The same receipt again changes nothing."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = ReceiptSerializer

    @extend_schema(tags=_TAGS, request=ReceiptSerializer, responses=PurchaseNoticeAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        number = self.notice(path["number"]).number
        variants = variants_of(data["lines"])
        receive_delivery(
            number=number,
            came=[Came(variants[line["sku"]], line["quantity"], line["shelf"]) for line in data["lines"]],
            go=data["receipt"],
            actor=actor_of(self.client),
        )
        return 200, _document(self.notice(number))


class CloseDeliveryView(_OfNotices, WriteView):
    """What has not come will not come."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}
    serializer_class = NothingSerializer

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses=PurchaseNoticeAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        notice = close_notice(notice=self.notice(path["number"]))
        return 200, _document(self.notice(notice.number))
