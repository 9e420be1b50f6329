"""Packing and unpacking a transfer on a phone: piece by piece with the scan box, then all of it at once."""

from decimal import Decimal
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.codes.reading import read_code
from apps.core.errors import Conflict, InvalidInput
from apps.inventory.forms_transfers import DifferencesForm
from apps.inventory.models import TO_BE_SENT, Difference, Transfer, TransferLine, TransferStatus
from apps.inventory.models.transfers import UNSENT_BY_SENDER
from apps.inventory.scanning import scanned_variant
from apps.inventory.services.transfers.counting import Counting, count_lines, count_one_more, counted_of, expected
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.sending import send_transfer
from apps.inventory.standing import shelves_at
from apps.inventory.views.transfers import goods_of
from apps.portal import formats
from apps.portal.pages import ActionPage, FormPage
from apps.portal.scanning import LONGEST_CODE


class _OfSender:
    """The transfers that the person's own locations send."""

    end: ClassVar[Counting] = Counting.PACKING
    request: Any
    object: Any

    @property
    def goes(self) -> int:
        """How many goes were booked at this end."""
        return cast("int", self.object.sendings)

    def own(self, transfers: Any) -> Any:
        return transfers.sent_by(self.request.user)


class _OfReceiver:
    """The transfers that come to the person's own locations."""

    end: ClassVar[Counting] = Counting.UNPACKING
    request: Any
    object: Any

    @property
    def goes(self) -> int:
        """How many goes were booked at this end."""
        return cast("int", self.object.receipts)

    def own(self, transfers: Any) -> Any:
        return transfers.received_by(self.request.user)


class _Counting(ActionPage, abstract=True):
    """Line by line along the shelves. POST counts one scanned piece, notes how many of a line there are, or takes all."""

    permission = "inventory.transfer"
    model = Transfer
    select_related = ("sender", "receiver")
    rail = "inventory:transfers"
    template_name = "inventory/transfer_count.html"
    route: ClassVar[str]
    finish_route: ClassVar[str]
    finish: ClassVar[Any]
    end: ClassVar[Counting]
    scanned: "Scan | None" = None

    def own(self, transfers: Any) -> Any:
        raise NotImplementedError

    @property
    def goes(self) -> int:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        return self.own(super().get_queryset())

    def get_template_names(self) -> list[str]:
        if not self.is_swap:
            return [self.template_name]
        return ["inventory/_counted.html" if self.scanned is not None else "inventory/_count.html"]

    @property
    def place(self) -> Any:
        """The location where it is counted."""
        return self.object.sender if self.end == Counting.PACKING else self.object.receiver

    @property
    def is_open(self) -> bool:
        """Whether there is anything to count at this end now."""
        if self.end == Counting.PACKING:
            return self.object.status in TO_BE_SENT
        return cast("bool", self.object.is_on_the_way)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        transfer = self.object
        lines = [line for line in goods_of(transfer) if is_counted(line, self.end)] if self.is_open else []
        shelves = shelves_at(self.place.pk, [line.variant_id for line in lines])
        rows = [CountRow(line, self.end, shelves.get(line.variant_id, [])) for line in lines]
        return super().get_context_data(**kwargs) | {
            "rows": sorted(rows, key=lambda row: (not row.shelves, row.shelves, row.line.line)),
            "found": sum(1 for row in rows if row.is_found),
            "is_complete": all(row.is_found for row in rows),
            "is_sending": self.end == Counting.PACKING,
            "go": self.goes + 1,
            "here": reverse(self.route, kwargs={"number": transfer.number}),
            "finish_url": reverse(self.finish_route, kwargs={"number": transfer.number}),
            "finish": self.finish,
            "scanned": self.scanned,
        }

    def act(self) -> Transfer:
        number, posted = self.object.number, self.request.POST
        if "code" in posted:
            self.scanned = self._scan(posted["code"])
            return self.object
        if "everything" in posted:
            return count_lines(number=number, end=self.end)
        line, picked = posted.get("line", ""), posted.get("picked", "")
        if not (line.isascii() and line.isdigit() and len(line) < 9 and _is_quantity(picked)):
            raise InvalidInput(_("Say of which line you counted how many pieces."))
        return count_lines(number=number, end=self.end, counted={int(line): Decimal(picked)})

    def _scan(self, code: str) -> "Scan":
        """Count the piece that was scanned; what is not counted is said, and the next one can be scanned."""
        reading = read_code(code.replace("\x00", "").strip()[:LONGEST_CODE])
        variant = scanned_variant(reading, self.request.user)
        if variant is None:
            return Scan("unknown", _("Code %(code)s is not known here") % {"code": reading.text})
        try:
            line = count_one_more(number=self.object.number, end=self.end, variant_id=variant.pk)
        except Conflict as refusal:
            return Scan("unknown", refusal.detail)
        counted = counted_of(line, self.end)
        told = {"name": line.variant.name, "count": formats.quantity(counted)}
        return Scan("again" if counted > 1 else "found", _("%(name)s: %(count)s counted") % told)

    def done(self, result: Any) -> HttpResponse:
        if not self.is_swap and self.scanned is None:
            return super().done(result)
        del self.object  # read again what the service wrote
        return self.render_to_response(self.get_context_data())

    def get_success_url(self, result: Any) -> str:
        return self.with_list(reverse(self.route, kwargs={"number": self.object.number}))


def _is_quantity(text: str) -> bool:
    return len(text) < 16 and text.replace(".", "", 1).isdigit() and text.isascii()


class Scan:
    """What became of a scanned code: how it sounds (`word`) and what is said."""

    def __init__(self, word: str, said: str) -> None:
        self.word, self.said = word, said


class CountRow:
    """A line as it is counted: how many are wanted, on which shelves it lies."""

    def __init__(self, line: TransferLine, end: Counting, shelves: list[str]) -> None:
        self.line, self.shelves = line, shelves
        self.wanted, self.counted = expected(line, end), counted_of(line, end)

    @property
    def is_found(self) -> bool:
        return self.counted == self.wanted

    @property
    def numbers(self) -> dict[str, str]:
        """The quantities as the buttons send them: without anything of a language."""
        less, more = max(self.counted - 1, Decimal(0)), self.counted + 1
        values = {"counted": self.counted, "wanted": self.wanted, "less": less, "more": more}
        return {name: f"{value.normalize():f}" for name, value in values.items()}


def is_counted(line: TransferLine, end: Counting) -> bool:
    """Whether a line is counted at this end now: some is expected, or was counted all the same."""
    return bool(expected(line, end) or counted_of(line, end))


class PackTransfer(_OfSender, _Counting):
    """The sender takes the goods from the shelves."""

    route, finish_route = "inventory:send-transfer", "inventory:sent-transfer"
    finish = gettext_lazy("Send it off")

    def get_title(self) -> Any:
        return _("Pack for %(receiver)s") % {"receiver": self.object.receiver}


class UnpackTransfer(_OfReceiver, _Counting):
    """The receiver takes the goods out of the box."""

    route, finish_route = "inventory:receive-transfer", "inventory:received-transfer"
    finish = gettext_lazy("Put into stock")

    def get_title(self) -> Any:
        return _("Unpack from %(sender)s") % {"sender": self.object.sender}


class _Finishing(FormPage, abstract=True):
    """What was counted is what was sent or came; each difference says why."""

    permission = "inventory.transfer"
    model = Transfer
    select_related = ("sender", "receiver")
    rail = "inventory:transfers"
    form_class = DifferencesForm
    template_name = "inventory/transfer_finish.html"
    route: ClassVar[str]
    reasons: ClassVar[Any]
    end: ClassVar[Counting]

    def own(self, transfers: Any) -> Any:
        raise NotImplementedError

    @property
    def goes(self) -> int:
        raise NotImplementedError

    def get_queryset(self) -> Any:
        return self.own(super().get_queryset())

    def get_form_kwargs(self) -> dict[str, Any]:
        posted = self.request.POST
        lines = [
            line
            for line in goods_of(self.object)
            if (f"quantity-{line.line}" in posted if posted else is_counted(line, self.end))
        ]
        return {"lines": lines, "end": self.end, "goes": self.goes, "reasons": self.reasons}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "back_url": self.with_list(reverse(self.route, kwargs={"number": self.object.number})),
            "back_label": _("Count"),
        }

    def get_success_url(self, result: Any) -> str:
        return self.with_list(result.get_absolute_url())


class SendTransfer(_OfSender, _Finishing):
    """What was packed leaves."""

    route = "inventory:send-transfer"
    reasons = UNSENT_BY_SENDER
    button = gettext_lazy("Send it off")

    def get_title(self) -> Any:
        return _("Send to %(receiver)s") % {"receiver": self.object.receiver}

    def perform(self, form: DifferencesForm) -> Transfer:
        return send_transfer(
            number=self.object.number, sent=form.counted, go=form.go, actor=actor_of(self.request.user)
        )

    def get_success_message(self, result: Transfer) -> Any:
        told = {"number": result.number, "receiver": result.receiver}
        if result.status == TransferStatus.CANCELLED:
            return _("Nothing is sent: transfer %(number)s is cancelled.") % told
        if result.status == TransferStatus.PARTLY:
            return _("A part of transfer %(number)s is on its way to %(receiver)s; the rest follows.") % told
        return _("Transfer %(number)s is on its way to %(receiver)s.") % told


class ReceiveTransfer(_OfReceiver, _Finishing):
    """What was unpacked is here."""

    route = "inventory:receive-transfer"
    reasons = Difference.choices
    button = gettext_lazy("Put into stock")

    def get_title(self) -> Any:
        return _("Receive from %(sender)s") % {"sender": self.object.sender}

    def perform(self, form: DifferencesForm) -> Transfer:
        return receive_transfer(
            number=self.object.number, received=form.counted, go=form.go, actor=actor_of(self.request.user)
        )

    def get_success_message(self, result: Transfer) -> Any:
        if result.status != TransferStatus.RECEIVED:
            return _("What came of transfer %(number)s is in stock; the rest follows.") % {"number": result.number}
        if result.is_for_a_document:
            told = {"number": result.number, "order": result.cause_id}
            return _("Transfer %(number)s is received: lay it ready for order %(order)s.") % told
        return _("Transfer %(number)s is received: the goods are in stock.") % {"number": result.number}
