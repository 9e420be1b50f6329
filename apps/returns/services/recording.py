"""Returns that already happened: at tills, in imported history. One or a hundred thousand, the same code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.bulk import insert_rows
from apps.core.errors import InvalidInput
from apps.core.events.log import record_many
from apps.core.events.models import Origin
from apps.core.money import ZERO, spread
from apps.core.numbers import RETURN, next_numbers
from apps.inventory.services.moving import book_moves
from apps.inventory.services.owners import owners_on
from apps.inventory.services.types import Move
from apps.network.models import Channel, Location
from apps.orders.models import Order, OrderLine
from apps.payments.services.booking import open_accounts
from apps.payments.services.refunding import refund
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.services.counting import Counted, count, derive_statuses
from apps.returns.services.expecting import Expected, lock_expected
from apps.returns.services.happening import came_back
from apps.returns.services.paying import Payout, divide_payout, opening_of, refunds_of
from apps.returns.services.restocking import into_stock
from apps.returns.services.settling import lock_accounts, settled
from apps.returns.services.types import RecordedReturn, ReturnSale, ReturnSaleLine

Key = tuple[int, str]


@dataclass(slots=True)
class Draft:
    """A return on its way into the books."""

    rma: Return
    sale: ReturnSale
    lines: list[ReturnLine] = field(default_factory=list)
    payout: Payout = field(default_factory=Payout)


def record_returns(
    returns: Sequence[ReturnSale], *, origin: str = Origin.LIVE, actor: str, move_stock: bool = True
) -> list[RecordedReturn]:
    """Record returns as announced, received and paid back at once, in the caller's transaction.

    One known by (channel, external id) is left as it is. Amounts are the source's facts. Pieces of a return under way
    are taken off it (`expecting`). What a line reverses beyond what was bought and has not come back is split off
    as a line without a known purchase, and what an order's payments cannot give goes out of an account of the return's own;
    so no fact is refused and nothing is paid back twice from one order. With `move_stock` goods join the stock of the place
    where they came back. The number of statements does not depend on the number of returns.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("returns are recorded in the transaction of their document")
    by_key: dict[Key, ReturnSale] = {}
    for sale in returns:
        by_key.setdefault((sale.channel_id, sale.external_id), sale)
    recorded = _known(by_key)
    fresh = [sale for key, sale in by_key.items() if key not in recorded]
    # Locked before anything is written, as everywhere else: two transactions that take the same goods meet here first.
    locked, expected = lock_expected(
        line.order_line_id for sale in fresh for line in sale.lines if line.order_line_id is not None
    )
    drafts = _insert(fresh, locked, origin)
    if len(drafts) + len(recorded) < len(by_key):
        recorded = _known(by_key)  # somebody else recorded some of them meanwhile
    if drafts:
        _book(drafts, locked, expected, actor=actor, move_stock=move_stock)
    for draft in drafts:
        sale, rma = draft.sale, draft.rma
        recorded[sale.channel_id, sale.external_id] = RecordedReturn(
            rma.pk, rma.number, sale.channel_id, sale.external_id, True
        )
    return [recorded[sale.channel_id, sale.external_id] for sale in returns]


def _known(keys: Iterable[Key]) -> dict[Key, RecordedReturn]:
    asked = list(keys)
    found = Return.objects.filter(
        channel__in={channel_id for channel_id, _ext in asked}, external_id__in={ext for _channel, ext in asked}
    ).values_list("pk", "number", "channel_id", "external_id")
    return {(channel_id, ext): RecordedReturn(pk, n, channel_id, ext, False) for pk, n, channel_id, ext in found}


def _insert(sales: Sequence[ReturnSale], locked: dict[int, OrderLine], origin: str) -> list[Draft]:
    """Write the returns themselves; those that somebody else wrote meanwhile are left out."""
    if not sales:
        return []
    now = timezone.now()
    drafts: dict[str, Draft] = {}
    for sale, number in zip(sales, next_numbers(RETURN, len(sales)), strict=True):
        if any(line.amount < 0 or line.quantity <= 0 for line in sale.lines):
            raise InvalidInput(_("A return gives back positive quantities and amounts."), code="invalid")
        rma = Return(
            number=number,
            channel_id=sale.channel_id,
            external_id=sale.external_id,
            fingerprint=sale.fingerprint,
            origin=origin,
            source_record_id=sale.source_record_id or _buyer(sale, locked),
            status=ReturnStatus.SETTLED,
            location_id=sale.location_id,
            currency=sale.currency,
            total=sum((line.amount for line in sale.lines), ZERO),
            occurred_at=sale.occurred_at,
            business_date=sale.business_date,
            recorded_at=now,
            received_at=sale.occurred_at,
            settled_at=sale.occurred_at,
        )
        drafts[number] = Draft(rma, sale)
    fields = [f for f in Return._meta.concrete_fields if not f.primary_key]
    written = insert_rows(
        Return,
        [f.name for f in fields],
        [[getattr(draft.rma, f.attname) for f in fields] for draft in drafts.values()],
        returning=("number", "id"),
        on_conflict="(channel_id, external_id) DO NOTHING",
    )
    for number, pk in written:
        drafts[number].rma.pk = pk
    return [draft for draft in drafts.values() if draft.rma.pk]


def _buyer(sale: ReturnSale, locked: dict[int, OrderLine]) -> int | None:
    """Whoever bought what comes back, where the return itself names nobody."""
    bought = (locked[line.order_line_id] for line in sale.lines if line.order_line_id in locked)
    return next((line.order.source_record_id for line in bought if line.order.source_record_id is not None), None)


def _book(
    drafts: Sequence[Draft], locked: dict[int, OrderLine], expected: Expected, *, actor: str, move_stock: bool
) -> None:
    """Lines, counters, money, events, and last the stock."""
    orders = _orders(drafts, locked)
    before = {pk: line.quantity_returning for pk, line in locked.items()}
    for draft in drafts:
        draft.lines = _lines(draft, locked, expected, orders)
    _write_lines(drafts)
    expected.write(max(draft.sale.occurred_at for draft in drafts))
    linked = [line for d in drafts for line in d.lines if line.order_line_id is not None]
    count(
        [
            *(Counted(ln.order_line_id, returned=ln.quantity) for ln in linked if ln.order_line_id is not None),
            *(
                Counted(pk, returning=line.quantity_returning - before[pk])
                for pk, line in locked.items()
                if line.quantity_returning != before[pk]
            ),
        ]
    )
    derive_statuses(line.order_line_id for line in linked if line.order_line_id is not None)
    _pay(drafts, actor)
    channels = dict(Channel.objects.filter(pk__in={d.sale.channel_id for d in drafts}).values_list("pk", "code"))
    places = Location.objects.in_bulk({d.sale.location_id for d in drafts if d.sale.location_id is not None})
    codes = {pk: place.code for pk, place in places.items()}
    record_many(
        happened
        for d in drafts
        for happened in (
            settled(d.rma, d.lines, channel=channels[d.sale.channel_id], location=codes.get(d.sale.location_id or 0)),
            *came_back(d.rma, d.lines),
        )
    )
    if move_stock:
        _restock(drafts, places, actor)


def _restock(drafts: Sequence[Draft], places: dict[int, Location], actor: str) -> None:
    owners = owners_on(
        location_ids=places,
        variant_ids=[line.variant_id for d in drafts for line in d.lines if line.variant_id is not None],
    )
    moves: list[Move] = []
    for draft in drafts:
        if (place := places.get(draft.sale.location_id or 0)) is not None:
            moves += into_stock(
                draft.rma, draft.lines, place=place, owners=owners, occurred_at=draft.sale.occurred_at, actor=actor
            )
    book_moves(moves)


def _orders(drafts: Sequence[Draft], locked: dict[int, OrderLine]) -> dict[int, Order]:
    """The orders that lines and charges name."""
    known = {line.order_id: line.order for line in locked.values()}
    named = {line.order_id for d in drafts for line in d.sale.lines if line.order_id is not None}
    return known | Order.objects.in_bulk(named - set(known)) if named - set(known) else known


def _lines(
    draft: Draft, locked: dict[int, OrderLine], expected: Expected, orders: dict[int, Order]
) -> list[ReturnLine]:
    """The return's lines, linked as far as the purchases allow. Uses up announcements and locked lines as it goes."""
    lines: list[ReturnLine] = []
    spare: list[ReturnSaleLine] = []
    for told in draft.sale.lines:
        bought = locked.get(told.order_line_id) if told.order_line_id is not None else None
        if bought is None:
            lines.append(_line(draft.rma, told, None, orders.get(told.order_id or 0)))
            continue
        place = draft.sale.location_id
        bought.quantity_returning -= expected.take(bought.pk, told.quantity, location_id=place)
        fits = max(min(told.quantity, bought.returnable), ZERO)
        if fits < told.quantity:
            more = expected.take(bought.pk, told.quantity - fits, location_id=place, elsewhere=True)
            bought.quantity_returning -= more
            fits += more
        first, rest = _cut(told, fits)
        if first is not None:
            bought.quantity_returned += fits
            lines.append(_line(draft.rma, first, bought, bought.order))
        if rest is not None and first is None:
            lines.append(_line(draft.rma, rest, None, None))
        elif rest is not None:
            spare.append(rest)
    next_line = max((line.line for line in lines), default=0) + 1
    for n, rest in enumerate(spare, start=next_line):
        lines.append(_line(draft.rma, replace(rest, line=n), None, None))
    return lines


def _cut(told: ReturnSaleLine, fits: Decimal) -> tuple[ReturnSaleLine | None, ReturnSaleLine | None]:
    """The part of a line that its purchase covers, and the rest; amounts divide to the cent."""
    if fits >= told.quantity:
        return told, None
    if fits <= 0:
        return None, told
    quantities = [fits, told.quantity - fits]
    amounts = spread(told.amount, quantities)
    vats = [None, None] if told.vat_amount is None else spread(told.vat_amount, quantities)
    first, rest = (
        replace(told, quantity=q, amount=a, vat_amount=v) for q, a, v in zip(quantities, amounts, vats, strict=True)
    )
    return first, rest


def _line(rma: Return, told: ReturnSaleLine, bought: OrderLine | None, order: Order | None) -> ReturnLine:
    return ReturnLine(
        rma=rma,
        line=told.line,
        order=order,
        order_line=bought,
        variant_id=told.variant_id,
        charge_type=told.charge_type,
        sku=told.sku,
        name=told.name,
        quantity=told.quantity,
        unit_price=told.unit_price,
        amount=told.amount,
        vat_rate=told.vat_rate,
        vat_amount=told.vat_amount,
        reason=told.reason,
        grade=told.grade if told.variant_id is not None else "",
    )


def _write_lines(drafts: Sequence[Draft]) -> None:
    fields = [f for f in ReturnLine._meta.concrete_fields if not f.primary_key]
    insert_rows(
        ReturnLine,
        [f.name for f in fields],
        [[getattr(line, f.attname) for f in fields] for d in drafts for line in d.lines],
    )


def _pay(drafts: Sequence[Draft], actor: str) -> None:
    """From the payments of the orders as far as they reach; the rest out of accounts of the returns' own."""
    left = lock_accounts(line.order.payment_account_id for d in drafts for line in d.lines if line.order is not None)
    for draft in drafts:
        draft.payout = divide_payout(draft.lines, left)
    refund(refunds=[r for d in drafts for r in refunds_of(d.rma, d.sale, d.payout, actor)])
    own = [d for d in drafts if d.payout.own > 0]
    account_ids = open_accounts([opening_of(d.rma, d.sale, d.payout, actor) for d in own])
    _set_accounts({d.rma.pk: account_id for d, account_id in zip(own, account_ids, strict=True)})


def _set_accounts(accounts: dict[int, int]) -> None:
    if accounts:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE returns_return AS r SET payment_account_id = k.account_id"
                " FROM unnest(%s::bigint[], %s::bigint[]) AS k(id, account_id) WHERE r.id = k.id",
                [list(accounts), list(accounts.values())],
            )
