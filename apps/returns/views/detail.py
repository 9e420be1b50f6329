"""The page of one return, and what it says on the page of an order."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.money import ZERO
from apps.core.reach import reach_of
from apps.orders.models import ChargeType, Order
from apps.portal import formats
from apps.portal.access import may
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, PanelView
from apps.portal.pages.actions import BoundAction, bind
from apps.portal.store import store_of
from apps.returns.bons import Term, delivery_term, named, term_of
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.services.accepting import check_take_in
from apps.returns.services.paying import refunded_ways
from apps.returns.services.purchases import returnable_of
from apps.returns.services.withdrawing import check_withdrawable, withdraw_return
from apps.returns.states import state_of, steps_of


@dataclass(frozen=True)
class Back:
    """A line of a return as people read it."""

    line: ReturnLine
    order_url: str


class ReturnPage(DetailPage):
    permission = "returns.view"
    model = Return
    template_name = "returns/return.html"
    page_name = "returns.return"
    back = ("returns:returns", gettext_lazy("Returns"))
    select_related = ("channel", "location", "source_record__customer")
    prefetch_related = (Prefetch("lines", ReturnLine.objects.select_related("order", "order_line").order_by("line")),)
    actions = (
        Action(
            label=gettext_lazy("Withdraw"),
            route="returns:withdraw",
            permission="returns.accept",
            icon="ban",
            danger=True,
            asks=True,
            check=check_withdrawable,
        ),
        Action(
            label=gettext_lazy("Take in"),
            route="returns:take-in",
            permission="returns.accept",
            icon="undo-2",
            primary=True,
            check=check_take_in,
        ),
    )

    def get_bound_actions(self) -> list[BoundAction]:
        acts = super().get_bound_actions()
        if store_of(self.request) is None:  # goods are taken in at a counter
            acts = [bound for bound in acts if bound.action.route != "returns:take-in"]
        return acts

    def get_title(self) -> Any:
        return _("Return %(number)s") % {"number": self.object.number}

    def get_status(self) -> tuple[str, Any]:
        return state_of(self.object)

    def get_sub(self) -> list[Any]:
        rma = self.object
        return [rma.location or _("not there yet"), formats.when(rma.received_at or rma.occurred_at)]

    def get_facts(self) -> list[Fact]:
        rma = self.object
        facts = [
            Fact(_("Announced in"), rma.channel, note=formats.when(rma.occurred_at)),
            Fact(_("Business date"), formats.when(rma.business_date)),
        ]
        if rma.location is not None:
            facts.insert(1, Fact(_("Returned to"), rma.location, url=rma.location.get_absolute_url()))
        if rma.received_at is not None:
            facts.append(Fact(_("Received"), formats.when(rma.received_at)))
        if rma.settled_at is not None:
            facts.append(Fact(_("Paid back"), formats.when(rma.settled_at)))
        if rma.withdrawn_at is not None:
            why = rma.get_withdrawn_because_display()
            facts.append(Fact(_("Withdrawn"), formats.when(rma.withdrawn_at), note=why))
        if rma.return_code and rma.status == ReturnStatus.ANNOUNCED:
            facts.append(Fact(_("Return code"), rma.return_code))
        for number, url in sorted(self.order_urls.items()):
            facts.append(Fact(_("Order"), number, url=url))
        if url := self.get_customer_url():
            facts.append(Fact(_("Customer"), rma.source_record.customer, url=url))
        return facts

    @cached_property
    def order_urls(self) -> dict[str, str]:
        """The orders it takes back from; with an address where the person may open them."""
        numbers = {line.order.number for line in self.object.lines.all() if line.order is not None}
        seen = {order.number: order.get_absolute_url() for order in self.visible(Order).filter(number__in=numbers)}
        return {number: seen.get(number, "") for number in numbers}

    def get_customer_url(self) -> str:
        """The customer's page, when a look-up has opened it to the person."""
        record = self.object.source_record
        if record is None or not may(self.request.user, "customers.view"):
            return ""
        opened = str(record.customer.key) in reach_of(self.request.user).granted("customer")
        return str(record.customer.get_absolute_url()) if opened else ""

    def get_terms(self) -> list[Term]:
        return [self._term(line, self.order_urls[line.order.number] if line.order else "") for line in self.get_lines()]

    def _term(self, line: ReturnLine, url: str) -> Term:
        if line.charge_type == ChargeType.DELIVERY and line.order is not None:
            return delivery_term(line, url)
        return term_of(
            quantity=line.quantity,
            name=line.name,
            grade=line.grade,
            amount=line.amount,
            bought=line.order_line,
            currency=self.object.currency,
            url=url,
        )

    def get_lines(self) -> list[ReturnLine]:
        return list(self.object.lines.all())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rma = self.object
        lines = self.get_lines()
        ways = named(refunded_ways(rma.number))
        refunded = sum((way.amount for way in ways), ZERO)
        vats = [line.vat_amount for line in lines if line.vat_amount is not None]
        return context | {
            "steps": steps_of(rma),
            "lines": [
                Back(line, self.order_urls[line.order.number] if line.order is not None else "")
                for line in lines
                if line.variant_id is not None or line.order is None
            ],
            "terms": self.get_terms(),
            "vat": sum(vats, ZERO) if vats else None,
            "ways": ways,
            "unpaid": rma.total - refunded if rma.status == ReturnStatus.SETTLED else ZERO,
            "is_settled": rma.status == ReturnStatus.SETTLED,
        }


class WithdrawReturn(ActionPage):
    """The customer keeps the goods after all: nothing is expected any more."""

    permission = "returns.accept"
    model = Return
    button = gettext_lazy("Withdraw")
    danger = True
    asks_reason = True

    def get_question(self) -> Any:
        return _("Withdraw return %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        return _("The return code is no longer valid. The goods can be announced again, or taken back at a counter.")

    def act(self) -> Return:
        return withdraw_return(rma=self.object, occurred_at=timezone.now())

    def get_success_message(self, result: Return) -> Any:
        return _("Return %(number)s is withdrawn.") % {"number": result.number}


TAKE_BACK = Action(
    label=gettext_lazy("Take back"),
    route="returns:take-back",
    permission="returns.accept",
    icon="undo-2",
    check=lambda order: returnable_of(order.lines.all()),
)


class OnOrder(PanelView):
    """The returns of an order, and the way to take back more."""

    permission = "returns.view"
    model = Order
    title = gettext_lazy("Returns")
    template_name = "returns/_on_order.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = self.object
        lines = ReturnLine.objects.filter(order=order).order_by("line")
        returns = (
            self.visible(Return)
            .filter(lines__order=order)
            .distinct()
            .select_related("location")
            .prefetch_related(Prefetch("lines", lines, to_attr="of_order"))
        )
        acts = (TAKE_BACK,) if store_of(self.request) is not None else ()  # goods are taken back at a counter
        return super().get_context_data(
            returns=[(rma, *state_of(rma), _given_back(rma)) for rma in returns],
            actions=bind(acts, self.request.user, order, self.kwargs, list_address=self.list_behind.address),
            **kwargs,
        )


def _given_back(rma: Any) -> Decimal:
    """What a return gives back for the order at hand."""
    return ZERO if rma.status == ReturnStatus.WITHDRAWN else sum((line.amount for line in rma.of_order), ZERO)
