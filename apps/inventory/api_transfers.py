"""Goods between locations, for store apps and planning: asked for, agreed to, sent, received, called off."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, NothingSerializer, SyncedPages, SyncQuery, WriteView
from apps.accounts.api_fields import Quantity, ZonedTime
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.etags import UNCHANGED, tagged_document
from apps.core.reach import reach_of
from apps.inventory.api_deliveries import NoticeLineSerializer, variants_of
from apps.inventory.api_transfer_documents import TransferAnswer, of_transfer, with_parts
from apps.inventory.models import Difference, Transfer, TransferStatus, Unsent
from apps.inventory.services.transfers.agreeing import agree_to_transfer, needs_consent
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.requesting import request_transfer
from apps.inventory.services.transfers.sending import cancel_transfer, send_transfer
from apps.inventory.services.transfers.types import LATER, MOST_GOES, Counted
from apps.network.models import Location

_TAGS = ["transfers"]
_MOST_LINES = 500
_FROM, _TO = "from", "to"


class NewestTransfers(SyncedPages):
    ordering = ("-requested_at", "-id")


class TransferQuery(SyncQuery):
    status = serializers.ChoiceField(TransferStatus.choices, required=False)
    on_the_way = serializers.BooleanField(
        required=False, help_text="`true`: only those with goods on their way, partly sent ones too."
    )
    updated_since = ZonedTime(required=False, help_text="At least once; overlap five minutes.")


class TransferRequestSerializer(serializers.Serializer[Any]):
    """`from` and `to` are locations, of which one is the client's own."""

    to = serializers.CharField(max_length=16)
    reference = serializers.CharField(
        max_length=Transfer._meta.get_field("reference").max_length,
        help_text="Yours: between the same two, the same reference is asked for once.",
    )
    lines = serializers.ListField(child=NoticeLineSerializer(), min_length=1, max_length=_MOST_LINES)

    def get_fields(self) -> dict[str, Any]:
        return {_FROM: serializers.CharField(max_length=16), **super().get_fields()}


class _GoLine(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1, max_value=32767)
    quantity = Quantity(min_value=Decimal(0))


class _Go(serializers.Serializer[Any]):
    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [line["line"] for line in lines]
        if len(set(numbers)) < len(numbers):
            raise serializers.ValidationError(_("Name each line once."))
        return lines


class SentLineSerializer(_GoLine):
    reason = serializers.ChoiceField(
        [(LATER, gettext_lazy("Follows later")), *Unsent.choices],
        required=False,
        default="",
        help_text="Why it is less.",
    )


class SendingSerializer(_Go):
    sending = serializers.IntegerField(
        min_value=1, max_value=MOST_GOES, help_text="The how-manieth go this is: one more than `sendings` says."
    )
    lines = serializers.ListField(
        child=SentLineSerializer(),
        required=False,
        min_length=1,
        max_length=_MOST_LINES,
        help_text="What leaves now; left out: all that is still to be sent. Lines that are not named stay to be sent.",
    )


class ArrivedLineSerializer(_GoLine):
    reason = serializers.ChoiceField(
        [(LATER, gettext_lazy("Follows later")), *Difference.choices],
        required=False,
        default="",
        help_text="Why it differs.",
    )


class ArrivalSerializer(_Go):
    receipt = serializers.IntegerField(
        min_value=1, max_value=MOST_GOES, help_text="The how-manieth go this is: one more than `receipts` says."
    )
    lines = serializers.ListField(
        child=ArrivedLineSerializer(),
        required=False,
        min_length=1,
        max_length=_MOST_LINES,
        help_text="What came now; left out: all that is on its way. Lines that are not named stay on their way.",
    )


class TransfersView(WriteView):
    """The transfers from and to the client's locations; asking for one."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE, "POST": Scope.STORE_OPERATE}
    pagination_class = NewestTransfers
    serializer_class = TransferRequestSerializer

    @extend_schema(tags=_TAGS, parameters=[TransferQuery], responses=TransferAnswer(many=True))
    def get(self, request: Request) -> Response:
        """Transfers, the newest first; by status, or what changed since."""
        query = TransferQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        rows = with_parts(Transfer.objects.visible_to(self.client))
        if "status" in asked:
            rows = rows.filter(status=asked["status"])
        if asked.get("on_the_way"):
            rows = rows.on_their_way()
        if "since" in asked:
            rows = rows.changed_since(asked["since"])
        if "updated_since" in asked:
            rows = rows.touched_since(asked["updated_since"])
        return self.page_of(rows, of_transfer, pages=NewestTransfers.begun(asked))

    @extend_schema(tags=_TAGS, responses={200: TransferAnswer, 201: TransferAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        """Ask for goods: they are set aside at once, or wait as `asked` until the sender agrees."""
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        sender, receiver = self._ends(data)
        variants = variants_of(data["lines"])
        lines = [(variants[line["sku"]], line["quantity"]) for line in data["lines"]]
        stood = Transfer.objects.filter(sender=sender, receiver=receiver, reference=data["reference"]).exists()
        transfer = request_transfer(
            sender=sender,
            receiver=receiver,
            lines=lines,
            reference=data["reference"],
            actor=actor_of(self.client),
            waits=needs_consent(sender=sender, receiver=receiver, principal=self.client),
        )
        asked = {(line.variant_id, line.requested) for line in transfer.lines.all()}
        if asked != {(variant.pk, quantity) for variant, quantity in lines}:
            raise Conflict(_("Other goods were asked for under this reference."), code="reference_taken")
        return (200 if stood else 201), of_transfer(_visible(self.client, transfer.number))

    def _ends(self, data: Any) -> tuple[Location, Location]:
        """Both locations, of which one is in the client's reach."""
        known = {place.code: place for place in Location.objects.active_on(timezone.localdate())}
        for end in (_FROM, _TO):
            if data[end] not in known:
                raise _refused(end, "does_not_exist", _("There is no location %(code)s.") % {"code": data[end]})
        reach = reach_of(self.client)
        if not (reach.every_location or {known[data[end]].pk for end in (_FROM, _TO)} & reach.location_ids):
            raise _refused(_TO, "does_not_exist", _("One of the two must be a location of yours."))
        return known[data[_FROM]], known[data[_TO]]


class TransferView(ApiView):
    """One transfer: what was asked for, what left, what came."""

    required_scopes: ClassVar = {"GET": Scope.STORE_OPERATE}

    @extend_schema(tags=_TAGS, responses={200: TransferAnswer, 304: UNCHANGED})
    def get(self, request: Request, number: str) -> HttpResponse:
        return tagged_document(request, of_transfer(_visible(self.client, number)))


class _TransferAct(WriteView):
    """A step of one transfer: find it at the end that takes the step, let the service do it, answer it as it is then."""

    required_scopes: ClassVar = {"POST": Scope.STORE_OPERATE}

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        number = path["number"]
        transfer = self.own(Transfer.objects.visible_to(self.client)).filter(number=number).first()
        if transfer is None:
            raise Http404
        self.act(transfer, data)
        return 200, of_transfer(_visible(self.client, number))

    def own(self, transfers: Any) -> Any:
        """Those of which the client takes this step."""
        return transfers.sent_by(self.client)

    def act(self, transfer: Transfer, data: Any) -> None:
        raise NotImplementedError


class AgreeTransferView(_TransferAct):
    """The sender agrees: the goods are set aside, all or nothing. Doing it again changes nothing. Only a client with the
    sender among its own locations can agree."""

    serializer_class = NothingSerializer

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses=TransferAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def own(self, transfers: Any) -> Any:
        return transfers.agreed_to_by(self.client)

    def act(self, transfer: Transfer, data: Any) -> None:
        agree_to_transfer(number=transfer.number)


class SendTransferView(_TransferAct):
    """Goods leave, all at once or in goes. The same go again changes nothing."""

    serializer_class = SendingSerializer

    @extend_schema(tags=_TAGS, request=SendingSerializer, responses=TransferAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def act(self, transfer: Transfer, data: Any) -> None:
        with _by_place(data):
            send_transfer(number=transfer.number, sent=_counted(data), go=data["sending"], actor=actor_of(self.client))


class ReceiveTransferView(_TransferAct):
    """Goods are here, all at once or in goes. The same go again changes nothing."""

    serializer_class = ArrivalSerializer

    @extend_schema(tags=_TAGS, request=ArrivalSerializer, responses=TransferAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def own(self, transfers: Any) -> Any:
        return transfers.received_by(self.client)

    def act(self, transfer: Transfer, data: Any) -> None:
        with _by_place(data):
            receive_transfer(
                number=transfer.number, received=_counted(data), go=data["receipt"], actor=actor_of(self.client)
            )


class CancelTransferView(_TransferAct):
    """What was not sent is not sent. Either end may say so."""

    serializer_class = NothingSerializer

    @extend_schema(tags=_TAGS, request=NothingSerializer, responses=TransferAnswer)
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def own(self, transfers: Any) -> Any:
        return transfers

    def act(self, transfer: Transfer, data: Any) -> None:
        cancel_transfer(number=transfer.number, actor=actor_of(self.client))


def _visible(client: Any, number: str) -> Transfer:
    for transfer in with_parts(Transfer.objects.visible_to(client)).filter(number=number):
        return transfer
    raise Http404


def _counted(data: Any) -> list[Counted] | None:
    if "lines" not in data:
        return None
    return [Counted(line["line"], line["quantity"], line["reason"]) for line in data["lines"]]


@contextmanager
def _by_place(data: Any) -> Iterator[None]:
    """Say where in the body a refused line stands, rather than which line of the transfer it is."""
    try:
        yield
    except InvalidInput as refused:
        refused.faults = [_placed(fault, data.get("lines", ())) for fault in refused.faults]
        raise


def _placed(fault: Fault, lines: Sequence[dict[str, Any]]) -> Fault:
    named = re.fullmatch(r"(quantity|reason|line)-(\d+)", fault.attr or "")
    place = next((n for n, line in enumerate(lines) if named and line["line"] == int(named[2])), None)
    return fault if named is None or place is None else replace(fault, attr=f"lines.{place}.{named[1]}")


def _refused(attr: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, attr)])
