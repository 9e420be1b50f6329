"""The counter: find what the customer shows, choose what comes back, look at the bon, give back."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRedirect

from apps.core.actors import actor_of
from apps.core.errors import DomainError
from apps.core.ids import new_id
from apps.core.money import ZERO
from apps.customers.throttles import StaffLookupThrottle, note_throttled
from apps.network.models import Location
from apps.orders.models import Order, OrderLine
from apps.portal import formats
from apps.portal.pages import PlainPage
from apps.portal.pages.acting import Acting, show_refusal
from apps.portal.store import store_of
from apps.returns.bons import Term, WayBack, delivery_term, named, term_of, told, ways_back
from apps.returns.forms import Chosen, Goods, GoodsForm, ShownForm
from apps.returns.models import WAITING, Return, ReturnStatus
from apps.returns.services.accepting import accept_announced, accept_in_store, quote_return
from apps.returns.services.inspecting import quote_gradings
from apps.returns.services.looking_up import open_shown
from apps.returns.services.paying import refunded_ways
from apps.returns.services.types import Accepted, Announced, Graded
from apps.returns.services.whole_orders import delivery_of


class FindPurchase(PlainPage):
    """Scan or type what the customer shows. It is posted: a code never shows in an address or a log."""

    permission = "returns.accept"
    template_name = "returns/find.html"
    swap_template = "returns/_found.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ShownForm(request.POST)
        if not form.is_valid():
            return self._said(status=422)
        code = form.cleaned_data["code"]
        if StaffLookupThrottle.is_spent(request.user):
            note_throttled(request)
            return self._said(status=429, code=code, is_busy=True)
        shown = open_shown(text=code, principal=request.user)
        if isinstance(shown, Return):
            route = "returns:take-in" if shown.status in WAITING else "returns:return"
            return self._go(reverse(route, kwargs={"number": shown.number}))
        if isinstance(shown, Order):
            return self._go(reverse("returns:take-back", kwargs={"number": shown.number}))
        return self._said(status=404, code=code, is_unknown=True)

    def _go(self, url: str) -> HttpResponse:
        return HttpResponseClientRedirect(url) if self.is_swap else HttpResponseRedirect(url)

    def _said(self, *, status: int, **context: Any) -> HttpResponse:
        """Why there is nothing to take back: in a swap an answer like any other, heard and read beside the box."""
        if self.is_swap:
            return self.response_class(self.request, [self.swap_template], self.get_context_data(**context))
        return self.render_to_response(self.get_context_data(**context), status=status)


class Counter(Acting, abstract=True):
    """Choose, check, give back: answers of one address, of which only the last one changes anything."""

    permission = "returns.accept"
    template_name = "returns/take_back.html"
    check_template = "returns/check.html"

    @property
    def store(self) -> Location | None:
        return store_of(self.request)

    def get_goods(self) -> list[Goods]:
        """What can come back."""
        raise NotImplementedError

    def quote(self, chosen: Sequence[Chosen]) -> tuple[list[Term], list[WayBack]]:
        """What the chosen goods bring, and how it would go back."""
        raise NotImplementedError

    def accept(self, chosen: Sequence[Chosen], store: Location, reference: str) -> Return:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", None)
        if context["form"] is None:
            context["form"] = GoodsForm(goods=self.get_goods())
        return context | {
            "store": self.store,
            "currency": self.object.currency,
            "back_url": self.get_object_url(),
            "back_label": str(self.object),
        }

    def find_done(self, reference: str) -> Return | None:
        """The return that an earlier press of the same button made."""
        return self.visible(Return).filter(channel__location=self.store, external_id=reference).first()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reference = _reference(request.POST.get("reference", ""))
        if "confirm" in request.POST and (known := self.find_done(reference)) is not None:
            return self.done(known)
        for press, by in (("more", 1), ("less", -1)):
            if name := request.POST.get(press):
                stepped = GoodsForm.stepped(request.POST, goods=self.get_goods(), name=name, by=by)
                return self.render_to_response(self.get_context_data(form=stepped))
        form = GoodsForm(request.POST, goods=self.get_goods())
        store = self.store
        if store is None or not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if "change" in request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            if "confirm" in request.POST:
                return self.done(self.carry_out(lambda: self.accept(form.chosen, store, reference)))
            terms, ways = self.quote(form.chosen)
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        total = sum((term.amount for term in terms), ZERO)
        context = self.get_context_data(form=form, terms=terms, total=total, ways=ways, reference=reference)
        context["refund"] = sum((way.amount for way in ways if way.method), ZERO)
        return self.response_class(request, [self.check_template], context)

    def get_success_message(self, result: Return) -> Any:
        ways = named(refunded_ways(result.number))
        if not ways:
            return _("Return %(number)s is taken in. Nothing was paid for it, so nothing goes back.") % {
                "number": result.number
            }
        return _("Return %(number)s is taken in. Back to the customer: %(ways)s.") % {
            "number": result.number,
            "ways": told(ways, result.currency),
        }


def _reference(text: str) -> str:
    """The desk's own key of this return: pressing twice is one return."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(new_id())


class TakeBack(Counter):
    """Goods of one order, bought in any channel, come back over the counter."""

    model = Order
    select_related = ("channel", "location")

    def get_title(self) -> Any:
        return _("Take back from %(order)s") % {"order": self.object.number}

    def get_lines(self) -> list[OrderLine]:
        return list(self.object.lines.select_related("variant").order_by("line"))

    def get_goods(self) -> list[Goods]:
        lines = [line for line in self.get_lines() if line.returnable > 0]
        only = len(lines) == 1 and lines[0].returnable == 1
        return [
            Goods(
                line=line.line,
                name=line.name,
                sku=line.sku,
                most=line.returnable,
                by_piece=not line.variant.allows_fractions,
                expected=Decimal(1) if only else ZERO,
            )
            for line in lines
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        announced = self.visible(Return).filter(lines__order=self.object, status__in=WAITING).distinct()
        gone = [line for line in self.get_lines() if line.returnable <= 0]
        return super().get_context_data(announced=announced, gone=[(line, _why_not(line)) for line in gone], **kwargs)

    def quote(self, chosen: Sequence[Chosen]) -> tuple[list[Term], list[WayBack]]:
        order = self.object
        taken = quote_return(lines=[Announced(order.number, c.quantity, line=c.line, reason=c.reason) for c in chosen])
        terms = [
            term_of(
                quantity=t.quantity,
                name=t.purchase.line.name,
                grade=c.grade,
                amount=t.worth.amount,
                bought=t.purchase.line,
                currency=order.currency,
                url=order.get_absolute_url(),
            )
            for t, c in zip(taken, chosen, strict=True)
        ]
        coming = {t.purchase.line.pk: t.purchase.taken for t in taken}
        charges = delivery_of([order.pk], coming=coming, announced_at=timezone.now())
        terms += [delivery_term(charge) for charge in charges]
        return terms, ways_back([(order, sum((term.amount for term in terms), ZERO))])

    def accept(self, chosen: Sequence[Chosen], store: Location, reference: str) -> Return:
        return accept_in_store(
            location=store,
            lines=[Accepted(self.object.number, c.line, c.quantity, reason=c.reason, grade=c.grade) for c in chosen],
            reference=reference,
            occurred_at=timezone.now(),
            actor=actor_of(self.request.user),
        )


def _why_not(line: OrderLine) -> str:
    if line.quantity_cancelled >= line.quantity:
        return _("cancelled")
    if not line.quantity_fulfilled:
        return _("not handed over yet")
    if line.quantity_returning:
        return _("%(count)s announced for return") % {"count": formats.quantity(line.quantity_returning)}
    return _("already returned")


class TakeIn(Counter):
    """A return that was announced elsewhere is brought to this counter."""

    model = Return
    select_related = ("channel", "location")
    title = gettext_lazy("Take in")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status not in WAITING:
            return HttpResponseRedirect(self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def find_done(self, reference: str) -> Return | None:
        return None if self.object.status in (*WAITING, ReturnStatus.WITHDRAWN) else self.object

    def get_title(self) -> Any:
        return _("Take in %(number)s") % {"number": self.object.number}

    def get_goods(self) -> list[Goods]:
        lines = self.object.lines.select_related("variant").filter(variant__isnull=False).order_by("line")
        return [
            Goods(
                line=line.line,
                name=line.name,
                sku=line.sku,
                most=line.quantity,
                by_piece=not line.variant.allows_fractions,
                reason=None,
                expected=line.quantity,
            )
            for line in lines
        ]

    def get_gradings(self, chosen: Sequence[Chosen]) -> list[Graded]:
        return [Graded(c.line, c.grade, c.quantity) for c in chosen]

    def quote(self, chosen: Sequence[Chosen]) -> tuple[list[Term], list[WayBack]]:
        lines = quote_gradings(rma=self.object, gradings=self.get_gradings(chosen))
        orders = Order.objects.in_bulk({line.order_id for line in lines if line.order_id is not None})
        bought = OrderLine.objects.in_bulk({ln.order_line_id for ln in lines if ln.order_line_id is not None})
        terms, parts = [], dict.fromkeys(orders, ZERO)
        coming: dict[int, Decimal] = {}
        for line in lines:
            terms.append(
                term_of(
                    quantity=line.quantity,
                    name=line.name,
                    grade=line.grade,
                    amount=line.amount,
                    bought=bought.get(line.order_line_id or 0),
                    currency=self.object.currency,
                )
            )
            if line.order_id in parts:
                parts[line.order_id] += line.amount
            if line.order_line_id is not None:
                coming[line.order_line_id] = coming.get(line.order_line_id, ZERO) + line.quantity
        for charge in delivery_of(orders, coming=coming, announced_at=self.object.occurred_at):
            terms.append(delivery_term(charge))
            parts[charge.order_id] += charge.amount
        return terms, ways_back([(orders[pk], amount) for pk, amount in parts.items()])

    def accept(self, chosen: Sequence[Chosen], store: Location, reference: str) -> Return:
        return accept_announced(
            rma=self.object,
            location=store,
            gradings=self.get_gradings(chosen),
            occurred_at=timezone.now(),
            actor=actor_of(self.request.user),
        )
