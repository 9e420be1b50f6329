"""The page of one order, and calling it off."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.core.actors import actor_of
from apps.core.money import ZERO
from apps.core.reach import reach_of
from apps.orders.acts import (
    IN_THE_BUILDING,
    addressable,
    all_picked,
    cancellable_pieces,
    collectable,
    is_possible,
    pickable,
    ready_to_lie,
    reroutable,
    shippable,
)
from apps.orders.addresses import address_of
from apps.orders.expected import arrivals_of, short_orders
from apps.orders.forms import CancelForm
from apps.orders.history import history_of
from apps.orders.knowing import KnownContacts
from apps.orders.models import LineStatus, Method, Order, OrderCharge, OrderLine, OrderStatus
from apps.orders.promised import brought_at, clock_of, collect_promise, door_promise, how_it_was_kept, promise_of
from apps.orders.services.cancelling import cancel
from apps.orders.services.choosing_time import check_time_can_change
from apps.orders.services.fulfilling import still_to_pay
from apps.orders.services.slots import still_has_its_time
from apps.orders.states import line_state_of, state_of, steps_of
from apps.orders.tables import fulfilment_of
from apps.orders.tenders import method_name
from apps.orders.views.own import OwnOrder
from apps.orders.views.shipping import parcel_rows
from apps.orders.waiting import is_own, lines_here
from apps.orders.ways import collected, is_mixed, sent, ways_in_order
from apps.payments.models import PaymentEntry
from apps.portal import formats
from apps.portal.pages import Action, DetailPage, Fact, FormPage
from apps.portal.pages.actions import BoundAction


@dataclass(frozen=True)
class VatLine:
    """What one VAT rate amounts to; `rate` is a percentage, None where it is not known."""

    rate: Decimal | None
    net: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Payment:
    """A row of the payment ledger in words; what was paid back is negative."""

    entry: PaymentEntry
    method: str
    who: str

    @property
    def kind(self) -> Any:
        return PaymentEntry.Kind(self.entry.kind).label

    @property
    def amount(self) -> Decimal:
        return -self.entry.amount if self.entry.kind == PaymentEntry.Kind.REFUNDED else self.entry.amount


def vat_per_rate(parts: Iterable[OrderLine | OrderCharge]) -> list[VatLine]:
    """Sums per rate, unknown ones last."""
    sums: dict[Decimal | None, tuple[Decimal, Decimal]] = {}
    for part in parts:
        net, vat = sums.get(part.vat_rate, (ZERO, ZERO))
        sums[part.vat_rate] = (net + part.amount - (part.vat_amount or ZERO), vat + (part.vat_amount or ZERO))
    known = sorted(rate for rate in sums if rate is not None)
    return [VatLine(rate, *sums[rate]) for rate in [*known, *({None} & sums.keys())]]


# What those may do who only have the goods, or help the customer, of an order that is somebody else's.
_WHERE_GOODS_ARE = frozenset({"orders:pick", "orders:ship", "orders:shelf-list-of"})


def _are_to_be_picked(here: Iterable[OrderLine]) -> bool:
    """Whether any of the goods here still have to be taken from the shelf, now or once they are there."""
    return any(line.status in IN_THE_BUILDING - {LineStatus.READY, LineStatus.COMING} for line in here)


def _is_to_be_taken(order: Any) -> bool:
    """Whether the customer has not got all of it yet."""
    return any(line.status in IN_THE_BUILDING for line in order.lines.all())


def _lies_ready(order: Any) -> bool:
    """Whether something waits for the customer to come for it."""
    return any(line.status == LineStatus.READY for line in order.lines.all())


class OrderPage(DetailPage):
    permission = "orders.view"
    model = Order
    template_name = "orders/order.html"
    back = ("orders:orders", gettext_lazy("Orders"))
    select_related = (
        "channel",
        "location",
        "seller",
        "contact",
        "payment_account",
        "referral_location",
        "slot_booking__slot__location",
        "source_record__customer",
    )
    prefetch_related = ("charges", "collectors", "handovers__collector", "parcels__lines__order_line")
    actions = (
        Action(
            label=gettext_lazy("Shelf list"),
            route="orders:shelf-list-of",
            permission="inventory.view",
            icon="map-pin",
            when=_is_to_be_taken,
        ),
        Action(
            label=gettext_lazy("Cancel"),
            route="orders:cancel",
            permission="orders.cancel",
            icon="ban",
            danger=True,
            check=lambda order: cancellable_pieces(order.lines.all()),
        ),
        Action(
            label=gettext_lazy("Another way"),
            route="orders:reroute",
            permission="orders.reroute",
            icon="route",
            when=lambda order: order.method != Method.CARRY_OUT,
            check=lambda order: reroutable(order, order.lines.all()),
        ),
        Action(
            label=gettext_lazy("Choose another time"),
            route="orders:choose-time",
            permission="orders.reroute",
            icon="clock",
            when=lambda order: order.slot is not None,
            check=lambda order: check_time_can_change(order, order.lines.all()),
        ),
        Action(
            label=gettext_lazy("Another address"),
            route="orders:change-address",
            permission="orders.reroute",
            icon="map-pin-house",
            when=lambda order: is_possible(addressable, order, order.lines.all()),
        ),
        Action(
            label=gettext_lazy("Who collects"),
            route="orders:collector",
            permission="orders.collector",
            icon="user-check",
            when=lambda order: any(line.status in IN_THE_BUILDING for line in collected(order.lines.all())),
        ),
        Action(
            label=gettext_lazy("Keep longer"),
            route="orders:keep",
            permission="orders.reroute",
            icon="calendar-clock",
            when=_lies_ready,
        ),
        Action(
            label=gettext_lazy("Pick"),
            route="orders:pick",
            permission="orders.fulfil",
            icon="clipboard-list",
            primary=True,
            when=lambda order: _are_to_be_picked(order.here) and not is_possible(all_picked, order, order.here),
            check=lambda order: pickable(order, order.here),
        ),
        Action(
            label=gettext_lazy("Make ready"),
            route="orders:ready",
            permission="orders.fulfil",
            icon="package-check",
            primary=True,
            asks=True,
            when=lambda order: _are_to_be_picked(collected(order.here)),
            check=lambda order: ready_to_lie(order, order.here),
        ),
        Action(
            label=gettext_lazy("Make parcel"),
            route="orders:ship",
            permission="orders.fulfil",
            icon="truck",
            primary=True,
            when=lambda order: order.method == Method.DELIVERY or _are_to_be_picked(sent(order.here)),
            check=lambda order: shippable(order, order.here),
        ),
        Action(
            label=gettext_lazy("Hand over"),
            route="orders:hand-over",
            permission="orders.fulfil",
            icon="shopping-bag",
            primary=True,
            when=lambda order: bool(collected(order.lines.all())),
            check=lambda order: collectable(order, order.lines.all()),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        lines = Prefetch("lines", OrderLine.objects.select_related("location").order_by("line"))
        return super().get_queryset().prefetch_related(lines).annotate(is_short=short_orders())

    @cached_property
    def knows_contact(self) -> bool:
        return KnownContacts(self.request.user).knows(self.object, self.object.lines.all())

    def get_bound_actions(self) -> list[BoundAction]:
        order = self.object
        order.here = lines_here(self.request.user, order.lines.all())
        acts = super().get_bound_actions()
        return acts if is_own(self.request.user, order) else [a for a in acts if a.action.route in _WHERE_GOODS_ARE]

    def get_title(self) -> Any:
        return _("Order %(number)s") % {"number": self.object.number}

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object, comes_in=not self.object.is_short)

    def get_sub(self) -> list[Any]:
        order = self.object
        methods = [line.method for line in order.lines.all()]
        return [order.channel, fulfilment_of(order, methods), formats.when(order.placed_at)]

    def get_facts(self) -> list[Fact]:
        order = self.object
        account = order.payment_account
        facts = [
            Fact(_("Channel"), order.channel, note=order.external_id),
            Fact(_("Placed"), formats.when(order.placed_at)),
            Fact(_("Business date"), formats.when(order.business_date)),
            Fact(_("Fulfilment"), " + ".join(str(Method(way).label) for way in self._ways())),
        ]
        if order.location is not None:
            facts.append(Fact(_("Store"), order.location, url=order.location.get_absolute_url()))
        if order.collect_promised_at is not None:
            facts.append(Fact(_("Promised to collect"), collect_promise(order)))
            facts.append(Fact(_("Promised at the door"), door_promise(order), note=how_it_was_kept(order)))
        elif promised := promise_of(order):
            facts.append(Fact(_("Promised"), promised, note=how_it_was_kept(order)))
        if order.slot is not None:
            store = order.slot.location
            facts.append(Fact(_("Brought by"), store, url=store.get_absolute_url()))
        if order.if_short and _is_to_be_taken(order):
            facts.append(Fact(_("If it is short"), order.get_if_short_display()))
        facts += self._collecting()
        facts += [
            Fact(_("Seller"), order.seller),
            Fact(_("Payment"), order.get_payment_terms_display()),
            Fact(_("Total"), formats.money(order.total, order.currency), url="#amount"),
            Fact(_("Paid"), formats.money(account.paid, order.currency), url="#payments"),
        ]
        if order.referral_location or order.referral_associate or order.referral_code:
            associate = order.referral_associate
            who = " ".join(filter(None, (names_of([associate])[associate] if associate else "", order.referral_code)))
            facts.append(
                Fact(_("Referred by"), order.referral_location or who, note=who if order.referral_location else "")
            )
        return facts

    def _ways(self) -> list[str]:
        order = self.object
        return ways_in_order(order.method, [line.method for line in order.lines.all()] or [order.method])

    def _collecting(self) -> list[Fact]:
        """Until when it is kept, who comes for it, and on what proof it was handed over."""
        order, facts = self.object, []
        if order.collect_until and _lies_ready(order):
            with clock_of(order):
                facts.append(Fact(_("Kept until"), formats.when(order.collect_until)))
        named = list(order.collectors.all())[-1:] if self.knows_contact and _is_to_be_taken(order) else []
        facts += [Fact(_("Who collects"), collector.name, note=_("named by the customer")) for collector in named]
        for handover in order.handovers.all():
            to = handover.collector.name if handover.collector and self.knows_contact else ""
            facts.append(Fact(_("Shown at the counter"), handover.get_proof_display(), note=to))
        return facts

    def get_customer_url(self) -> str:
        """The customer's page, when a look-up has opened it to the person."""
        record = self.object.source_record
        if record is None or str(record.customer.key) not in reach_of(self.request.user).granted("customer"):
            return ""
        return str(record.customer.get_absolute_url())

    def get_payments(self) -> list[Payment]:
        entries = list(self.object.payment_account.entries.select_related("tender").order_by("pk"))
        names = names_of(entry.actor for entry in entries)
        return [Payment(entry, method_name(entry.tender.method), names[entry.actor]) for entry in entries]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.object
        context = super().get_context_data(**kwargs)
        lines, charges = list(order.lines.all()), sorted(order.charges.all(), key=lambda c: c.line)
        keeps_time = still_has_its_time(order, lines)
        # What lost its time waits for somebody to choose another, not for goods.
        arrives = arrivals_of(lines) if keeps_time else {}
        return context | {
            "steps": steps_of(order, lines),
            "several_ways": is_mixed(line.method for line in lines),
            "lost_time": "" if keeps_time else brought_at(order),
            "lines": [
                (line, *line_state_of(order, line, comes_in=line.line in arrives), arrives.get(line.line))
                for line in lines
            ],
            "several_places": len({line.location_id for line in lines} - {order.location_id}) > 0,
            "charges": charges,
            "vat": vat_per_rate([*lines, *charges]),
            "payments": self.get_payments(),
            "due": still_to_pay(order, lines),
            "history": history_of(order, with_mail=self.knows_contact),
            "parcels": parcel_rows(order.parcels.all()),
            "contact": getattr(order, "contact", None) if self.knows_contact else None,
            "address": address_of(order) if self.knows_contact else None,
            "customer_url": self.get_customer_url(),
        }


class CancelOrder(OwnOrder, FormPage):
    """Call off lines that are still in the building; their money goes back."""

    permission = "orders.cancel"
    form_class = CancelForm
    asks_reason = True
    button = gettext_lazy("Cancel these lines")

    def get_title(self) -> Any:
        return _("Cancel order %(number)s?") % {"number": self.object.number}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"order": self.object}

    def perform(self, form: CancelForm) -> Order:
        return cancel(number=self.object.number, pieces=form.in_all, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        if result.status == OrderStatus.CANCELLED:
            return _("Order %(number)s is cancelled.") % {"number": result.number}
        return _("Order %(number)s: the lines are cancelled.") % {"number": result.number}
