"""What tickets name, looked up all at once: stores, articles, orders. What cannot be found is told exactly."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.core.inbox.documents import Defect, Flaw
from apps.core.reach import Reach
from apps.inventory.services.owners import companies_of
from apps.network.models import Channel
from apps.orders.models import Order, OrderLine, OrderStatus
from apps.orders.services.fulfilling import still_to_pay
from apps.tills.services import ticket_flaws as flaws
from apps.tills.tickets import GOODS, CanonicalTicket, LineType, TicketLine


@dataclass(frozen=True, slots=True)
class Article:
    variant_id: int
    sku: str
    names: dict[str, str]
    options: str
    allows_fractions: bool

    def name(self, locale: str) -> str:
        names = self.names
        name = names.get(locale) or names.get("nl") or names.get("en") or next(iter(names.values()), self.sku)
        return f"{name}, {self.options}" if self.options else name


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """A line with what it names: the article of goods, the order line a return reverses, the order of a collection."""

    told: TicketLine
    article: Article | None = None
    order_id: int | None = None
    order_line_id: int | None = None
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """A ticket that can be booked as it stands. `rounding` is what was paid beyond the lines."""

    ticket: CanonicalTicket
    channel: Channel
    location_id: int
    seller_id: int
    lines: tuple[ResolvedLine, ...]
    rounding: Decimal


class Unbookable(Exception):
    """A ticket names something that is not there, or does not add up."""

    def __init__(self, flaw: Flaw, field: str, value: object, **params: str) -> None:
        self.flaw, self.field, self.value, self.params = flaw, field, str(value), params
        super().__init__(flaw.code)


def resolve_tickets(tickets: Sequence[CanonicalTicket], *, reach: Reach) -> list[ResolvedTicket | Defect]:
    """Look everything up, in a number of statements that does not depend on the number of tickets."""
    known = Known(tickets, reach)
    return [known.resolve(ticket) for ticket in tickets]


class Known:
    """Everything that a batch of tickets names, by what it is called."""

    def __init__(self, tickets: Sequence[CanonicalTicket], reach: Reach) -> None:
        lines = [line for ticket in tickets for line in ticket.lines]
        self.channels = {
            channel.location.code: channel
            for channel in Channel.objects.filter(
                reach.q("location"), location__code__in={t.store for t in tickets}, location__isnull=False
            ).select_related("location")
            if channel.location is not None
        }
        location_ids = [c.location_id for c in self.channels.values() if c.location_id is not None]
        self.owners = {day: companies_of(location_ids, day=day) for day in {t.business_date for t in tickets}}
        self.by_sku, self.by_gtin = _articles(lines)
        self.orders = _orders(line.order for line in lines if line.order)
        self.order_lines = _order_lines(self.orders.values())

    def resolve(self, ticket: CanonicalTicket) -> ResolvedTicket | Defect:
        location_id = None
        try:
            channel, location_id, seller_id = self._store(ticket)
            return ResolvedTicket(
                ticket=ticket,
                channel=channel,
                location_id=location_id,
                seller_id=seller_id,
                lines=tuple(self._line(n, line, ticket, location_id) for n, line in enumerate(ticket.lines)),
                rounding=_rounding(ticket),
            )
        except Unbookable as why:
            return Defect(
                why.flaw,
                raw=None,
                field=why.field,
                value=why.value,
                params=why.params,
                amount=ticket.paid,
                currency=ticket.currency,
                locations=(location_id,) if location_id is not None else (),
            )

    def _store(self, ticket: CanonicalTicket) -> tuple[Channel, int, int]:
        channel = self.channels.get(ticket.store)
        if channel is None or channel.location_id is None:
            raise Unbookable(flaws.UNKNOWN_STORE, "store", ticket.store)
        if channel.currency != ticket.currency:
            raise Unbookable(flaws.OTHER_CURRENCY, "currency", ticket.currency, ours=channel.currency)
        seller_id = self.owners[ticket.business_date].get(channel.location_id)
        if seller_id is None:
            raise Unbookable(flaws.NO_OWNER, "store", ticket.store, day=_day(ticket.business_date))
        return channel, channel.location_id, seller_id

    def _line(self, n: int, line: TicketLine, ticket: CanonicalTicket, location_id: int) -> ResolvedLine:
        if line.amount < 0:
            raise Unbookable(flaws.NEGATIVE_AMOUNT, f"lines.{n}.amount", line.amount)
        if line.type == LineType.COLLECT:
            return self._collected(n, line, location_id)
        if line.type not in GOODS:
            return ResolvedLine(line)
        if line.type == LineType.RETURN and line.order:
            return self._reversed(n, line, ticket)
        return ResolvedLine(line, self._article(n, line))

    def _article(self, n: int, line: TicketLine) -> Article:
        article = self.by_sku.get(line.sku)
        if article is None and line.gtin:
            try:
                article = self.by_gtin.get(parse_gtin(line.gtin))
            except InvalidGtin as why:
                raise Unbookable(flaws.INVALID_GTIN, f"lines.{n}.gtin", line.gtin, detail=why.detail) from why
        if article is None:
            if line.sku:
                raise Unbookable(flaws.UNKNOWN_SKU, f"lines.{n}.sku", line.sku)
            raise Unbookable(flaws.UNKNOWN_GTIN, f"lines.{n}.gtin", line.gtin)
        if line.quantity % 1 and not article.allows_fractions:
            raise Unbookable(flaws.FRACTION, f"lines.{n}.quantity", line.quantity, sku=article.sku)
        return article

    def _order(self, n: int, line: TicketLine) -> Order:
        order = self.orders.get(line.order)
        if order is None:
            raise Unbookable(flaws.UNKNOWN_ORDER, f"lines.{n}.order", line.order)
        return order

    def _reversed(self, n: int, line: TicketLine, ticket: CanonicalTicket) -> ResolvedLine:
        """The order line that a return reverses: the one named, else the first of the article with enough left.

        One with enough left when announced pieces count too comes after those with enough that nobody announced.
        """
        order = self._order(n, line)
        if order.currency != ticket.currency:
            raise Unbookable(flaws.OTHER_CURRENCY, f"lines.{n}.order", ticket.currency, ours=order.currency)
        bought = self.order_lines[order.pk]
        if line.order_line is not None:
            bought = [b for b in bought if b.line == line.order_line]
        article = self._article(n, line) if line.sku or line.gtin else None
        if article is not None:
            bought = [b for b in bought if b.variant_id == article.variant_id]
        if not bought:
            what = line.sku or line.gtin or line.order_line
            raise Unbookable(flaws.NOT_ON_ORDER, f"lines.{n}.order_line", what, order=line.order)
        free = (b for b in bought if b.returnable >= line.quantity)
        with_customer = (b for b in bought if b.quantity_fulfilled - b.quantity_returned >= line.quantity)
        chosen = next(free, None) or next(with_customer, bought[0])
        if article is None:
            article = Article(chosen.variant_id, chosen.sku, {"nl": chosen.name}, "", allows_fractions=True)
        return ResolvedLine(line, article, order_id=order.pk, order_line_id=chosen.pk)

    def _collected(self, n: int, line: TicketLine, location_id: int) -> ResolvedLine:
        order = self._order(n, line)
        if order.location_id != location_id:
            raise Unbookable(flaws.OTHER_STORE, f"lines.{n}.order", line.order)
        is_done = order.status in {OrderStatus.COLLECTED, OrderStatus.RETURNED}
        if not is_done:
            due = still_to_pay(order, self.order_lines[order.pk])
            if line.amount != due and line.amount:
                raise Unbookable(
                    flaws.NOT_DUE, f"lines.{n}.amount", line.amount, due=f"{due} {order.currency}", order=order.number
                )
        return ResolvedLine(line, order_id=order.pk, is_done=is_done)


def _rounding(ticket: CanonicalTicket) -> Decimal:
    """What was paid beyond the lines. Tills differ in the sign they give the rounding, not in what was paid."""
    difference = ticket.paid - ticket.total
    if difference not in {ticket.rounding, -ticket.rounding}:
        raise Unbookable(
            flaws.DOES_NOT_ADD_UP, "tenders", ticket.paid, total=f"{ticket.total}", rounding=f"{ticket.rounding}"
        )
    return difference


def _day(day: dt.date) -> str:
    return day.isoformat()


_ARTICLES = """
SELECT variant.id, variant.sku, coalesce(text.names, '{}'), coalesce(option.words, ''), variant.unit <> 'piece',
       coalesce(gtin.codes, '{}')
  FROM catalogue_variant AS variant
  LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(t.locale, t.name) AS names
          FROM catalogue_producttext AS t WHERE t.product_id = variant.product_id) AS text ON true
  LEFT JOIN LATERAL (
        SELECT string_agg(o.value, ', ') AS words FROM jsonb_each_text(variant.options) AS o) AS option ON true
  LEFT JOIN LATERAL (
        SELECT array_agg(g.code) AS codes FROM catalogue_gtin AS g WHERE g.variant_id = variant.id) AS gtin ON true
 WHERE variant.sku = ANY(%s) OR variant.id IN (SELECT variant_id FROM catalogue_gtin WHERE code = ANY(%s))
"""


def _articles(lines: Iterable[TicketLine]) -> tuple[dict[str, Article], dict[str, Article]]:
    """Articles by SKU and by GTIN (14 digits)."""
    skus: set[str] = set()
    gtins: set[str] = set()
    for line in lines:
        skus.add(line.sku)
        if line.gtin:
            try:
                gtins.add(parse_gtin(line.gtin))
            except InvalidGtin:
                continue  # told of when the line itself is resolved
    by_sku: dict[str, Article] = {}
    by_gtin: dict[str, Article] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ARTICLES, [sorted(skus - {""}), sorted(gtins)])
        for variant_id, sku, names, options, fractions, codes in cursor.fetchall():
            article = Article(variant_id, sku, _loaded(names), options, fractions)
            by_sku[sku] = article
            by_gtin.update(dict.fromkeys(codes, article))
    return by_sku, by_gtin


def _loaded(value: Any) -> dict[str, str]:
    """JSON comes as text or read already, depending on what the connection was told."""
    names: dict[str, str] = orjson.loads(value) if isinstance(value, str) else value
    return names


def _orders(numbers: Iterable[str]) -> dict[str, Order]:
    wanted = set(numbers)
    if not wanted:
        return {}
    return {o.number: o for o in Order.objects.filter(number__in=wanted).select_related("payment_account")}


def _order_lines(orders: Iterable[Order]) -> dict[int, list[OrderLine]]:
    found: dict[int, list[OrderLine]] = defaultdict(list)
    ids = [order.pk for order in orders]
    if ids:
        for line in OrderLine.objects.filter(order__in=ids).order_by("order", "line"):
            found[line.order_id].append(line)
    return found
