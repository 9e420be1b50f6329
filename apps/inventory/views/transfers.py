"""Transfers: the list, one of them with what happened, calling it off, and its slip on paper."""

from decimal import Decimal
from typing import Any, cast

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.inventory.filters_transfers import TransferFilter
from apps.inventory.goes import goes_of, sent_in
from apps.inventory.models import TO_BE_SENT, Transfer, TransferLine, TransferStatus
from apps.inventory.services.transfers.agreeing import agree_to_transfer
from apps.inventory.services.transfers.purposes import purpose_of
from apps.inventory.services.transfers.rules import check_to_agree, check_to_cancel
from apps.inventory.services.transfers.sending import cancel_transfer
from apps.inventory.standing import shelves_at
from apps.inventory.tables_transfers import TransferTable
from apps.inventory.transfer_states import state_of, steps_of
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, ListPage, ObjectPage, Preset
from apps.portal.pages.actions import BoundAction

REQUEST = Action(
    label=gettext_lazy("Ask for goods"),
    route="inventory:request-transfer",
    permission="inventory.transfer",
    icon="plus",
    primary=True,
)


class TransferList(ListPage):
    permission = "inventory.view"
    model = Transfer
    table_class = TransferTable
    filterset_class = TransferFilter
    search_fields = ("number__istartswith",)
    select_related = ("sender", "receiver")
    views = (
        Preset("send", gettext_lazy("To send"), {"own": "sender", "waits": "sending"}),
        Preset("receive", gettext_lazy("To receive"), {"own": "receiver", "waits": "receiving"}),
        Preset("agree", gettext_lazy("To agree to"), {"own": "sender", "waits": "agreeing"}),
        Preset("all", gettext_lazy("All"), counted=False),
    )
    ordering = ("-requested_at",)
    large = True
    actions = (
        Action(
            label=gettext_lazy("Suggestions"),
            route="inventory:suggested-transfers",
            permission="inventory.transfer",
            icon="lightbulb",
        ),
        REQUEST,
    )
    empty_title = gettext_lazy("No transfers here")
    empty_text = gettext_lazy("What other locations ask for, and what is on its way to you, stands here.")
    empty_icon = "truck"

    def get_queryset(self) -> QuerySet[Transfer]:
        lines = TransferLine.objects.filter(transfer=OuterRef("pk")).order_by().values("transfer")
        pieces = Subquery(lines.annotate(pieces=Sum("requested")).values("pieces"))
        return cast("QuerySet[Transfer]", super().get_queryset().annotate(pieces=pieces))


class TransferPage(DetailPage):
    """What was asked for, sent and received, line by line, and what can be done now."""

    permission = "inventory.view"
    model = Transfer
    select_related = ("sender", "receiver")
    template_name = "inventory/transfer.html"
    back = ("inventory:transfers", gettext_lazy("Transfers"))
    actions = (
        Action(
            label=gettext_lazy("Cancel the transfer"),
            route="inventory:cancel-transfer",
            permission="inventory.transfer",
            danger=True,
            asks=True,
            when=lambda transfer: transfer.status != TransferStatus.RECEIVED,
            check=check_to_cancel,
        ),
        Action(
            label=gettext_lazy("Agree to send it"),
            route="inventory:agree-transfer",
            permission="inventory.agree",
            icon="check",
            primary=True,
            asks=True,
            when=lambda transfer: transfer.status == TransferStatus.ASKED,
        ),
        Action(
            label=gettext_lazy("Slip"), route="inventory:transfer-slip", permission="inventory.view", icon="printer"
        ),
        Action(
            label=gettext_lazy("Pack and send"),
            route="inventory:send-transfer",
            permission="inventory.transfer",
            icon="truck",
            primary=True,
            when=lambda transfer: transfer.status in TO_BE_SENT,
        ),
        Action(
            label=gettext_lazy("Unpack and receive"),
            route="inventory:receive-transfer",
            permission="inventory.transfer",
            icon="package-check",
            primary=True,
            when=lambda transfer: transfer.is_on_the_way,
        ),
    )

    def get_bound_actions(self) -> list[BoundAction]:
        """Only the sender's people agree and send, only the receiver's receive."""
        transfer, reach = self.object, reach_of(self.request.user)
        done_at = {
            "inventory:agree-transfer": transfer.sender_id,
            "inventory:send-transfer": transfer.sender_id,
            "inventory:receive-transfer": transfer.receiver_id,
        }
        bound = super().get_bound_actions()
        if reach.every_location:
            return [each for each in bound if each.action.route != "inventory:agree-transfer"]
        return [each for each in bound if done_at.get(each.action.route) in {None, *reach.location_ids}]

    def get_title(self) -> Any:
        return _("Transfer %(number)s") % {"number": self.object.number}

    def get_sub(self) -> list[Any]:
        return [_("from %(sender)s to %(receiver)s") % {"sender": self.object.sender, "receiver": self.object.receiver}]

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_facts(self) -> list[Fact]:
        transfer = self.object
        names = names_of([transfer.requested_by, transfer.sent_by, transfer.received_by])
        sent = _("Cancelled") if transfer.status == TransferStatus.CANCELLED else _("Sent")
        happened = [
            (_("Asked for"), transfer.requested_at, transfer.requested_by),
            (sent, transfer.sent_at, transfer.sent_by),
            (_("Received"), transfer.received_at, transfer.received_by),
        ]
        return [
            Fact(_("From"), transfer.sender),
            Fact(_("To"), transfer.receiver),
            *([Fact(_("Has to agree"), transfer.sender)] if transfer.status == TransferStatus.ASKED else []),
            *self._purpose(),
            *(Fact(label, formats.when(at), note=names[by]) for label, at, by in happened if at is not None),
        ]

    def _purpose(self) -> list[Fact]:
        """The customer's order that the goods are for, if they are."""
        transfer, purpose = self.object, purpose_of(self.object)
        if purpose is None:
            return []
        return [Fact(_("For order"), transfer.cause_id, url=purpose.page(transfer.cause_id, self.request.user))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        goes = goes_of(self.object)
        names = names_of([go.actor for go in goes])
        return super().get_context_data(
            lines=goods_of(self.object),
            steps=steps_of(self.object),
            goes=[(go, names[go.actor]) for go in goes],
            **kwargs,
        )


class AgreeTransfer(ActionPage):
    """The sender's people say yes: the goods are set aside. Nobody says it for them."""

    permission = "inventory.agree"
    model = Transfer
    select_related = ("sender", "receiver")
    button = gettext_lazy("Agree to send it")

    def get_queryset(self) -> Any:
        return cast("Any", super().get_queryset()).agreed_to_by(self.request.user)

    def get_question(self) -> Any:
        return _("Send this to %(receiver)s?") % {"receiver": self.object.receiver}

    def get_effect(self) -> Any:
        return _("The goods are set aside in %(sender)s, all of them.") % {"sender": self.object.sender}

    def act(self) -> Transfer:
        check_to_agree(self.object)
        return agree_to_transfer(number=self.object.number)

    def get_success_message(self, result: Transfer) -> Any:
        return _("Transfer %(number)s can be packed: the goods are set aside.") % {"number": result.number}


class CancelTransfer(ActionPage):
    """What was not sent stays where it is, and is free again."""

    permission = "inventory.transfer"
    model = Transfer
    select_related = ("sender", "receiver")
    danger = True
    asks_reason = True

    @property
    def button(self) -> Any:
        return _("Do not send the rest") if self.object.status == TransferStatus.PARTLY else _("Cancel the transfer")

    def get_question(self) -> Any:
        if self.object.status == TransferStatus.PARTLY:
            return _("Not send the rest of transfer %(number)s?") % {"number": self.object.number}
        return _("Cancel transfer %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        if self.object.status == TransferStatus.PARTLY:
            return _("What was not sent stays in %(sender)s and can be promised again.") % {
                "sender": self.object.sender
            }
        return _("The goods stay in %(sender)s and can be promised again.") % {"sender": self.object.sender}

    def act(self) -> Transfer:
        return cancel_transfer(number=self.object.number, actor=actor_of(self.request.user))

    def get_success_message(self, result: Transfer) -> Any:
        if result.status != TransferStatus.CANCELLED:
            return _("The rest of transfer %(number)s is not sent.") % {"number": result.number}
        return _("Transfer %(number)s is cancelled.") % {"number": result.number}


class TransferSlip(ObjectPage):
    """What is in the box, with the bar code by which it is received: what is to be sent still, all that was, or what left
    in the go that the address asks for."""

    permission = "inventory.view"
    model = Transfer
    select_related = ("sender", "receiver")
    template_name = "inventory/transfer_slip.html"

    def get_title(self) -> Any:
        return _("Transfer %(number)s") % {"number": self.object.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        transfer, go = self.object, self._go()
        lines = goods_of(transfer)
        is_packed = bool(go) or transfer.status not in (*TO_BE_SENT, TransferStatus.ASKED)
        shelves = {} if is_packed else shelves_at(transfer.sender_id, [line.variant_id for line in lines])
        left = sent_in(transfer, go) if go else {line.line: line.sent for line in lines}
        rows = [
            (
                shelves.get(line.variant_id, [""])[0],
                line,
                left.get(line.line, Decimal(0)) if is_packed else line.to_send,
            )
            for line in lines
        ]
        return super().get_context_data(
            rows=[row for row in sorted(rows, key=lambda row: (not row[0], row[0], row[1].line)) if row[2]],
            is_packed=is_packed,
            go=go,
            as_of=timezone.now(),
            back_url=reverse("inventory:transfer", kwargs={"number": transfer.number}),
            back_label=transfer.number,
            **kwargs,
        )

    def _go(self) -> int:
        """The sending that is asked for; 0 for none in particular."""
        asked = self.request.GET.get("go", "")
        go = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
        return go if go <= self.object.sendings else 0


def goods_of(transfer: Transfer) -> list[TransferLine]:
    """The lines of a transfer with their products."""
    return list(
        transfer.lines.select_related("variant__product").prefetch_related("variant__product__texts").order_by("line")
    )
