"""The points books of some accounts, open under their locks: lots, what was booked, and what is about to be."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from apps.core.actors import SYSTEM
from apps.core.bulk import insert_rows
from apps.core.ledger.models import CAUSE
from apps.loyalty.models import LoyaltyAccount, PointsEntry, PointsLot

_FIELDS = (
    *CAUSE,
    "account",
    "lot",
    "points",
    "is_pending",
    "order_number",
    "rule_version",
)
_NOT_OF_THE_ORDER = (PointsEntry.Kind.ACTIVATED, PointsEntry.Kind.FORFEITED, PointsEntry.Kind.OPENING)
CauseKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why points come or go: a document line, in the words of every ledger."""

    type: str
    id: str
    line: int
    recorded_on: dt.date
    occurred_at: dt.datetime
    business_date: dt.date

    @property
    def key(self) -> CauseKey:
        return (self.type, self.id, self.line)


@dataclass(slots=True)
class Booking:
    """One ledger row about to be written. A debt has no lot."""

    cause: Cause
    kind: str
    part: int
    account: LoyaltyAccount
    lot: PointsLot | None
    points: int
    is_pending: bool
    order_number: str
    rule_version: str


@dataclass
class OrderBook:
    """What the ledger says of one order's points: earned and reversed so far, and by which causes."""

    earned: int = 0
    reversed: int = 0
    causes: set[CauseKey] = field(default_factory=set)
    rule_version: str = ""
    account_id: int | None = None


class Books:
    """Opened for a set of orders; `close()` writes everything in a fixed number of statements."""

    def __init__(self, account_ids: Iterable[int], order_numbers: Collection[str]) -> None:
        locked = LoyaltyAccount.objects.select_for_update(no_key=True).filter(pk__in=list(account_ids)).order_by("pk")
        self.accounts = {account.pk: account for account in locked}
        self.lots: dict[int, list[PointsLot]] = defaultdict(list)
        for lot in PointsLot.objects.filter(account__in=self.accounts).order_by("expires_on", "id"):
            self.lots[lot.account_id].append(lot)
        self.orders = read_orders(order_numbers)
        self._bookings: list[Booking] = []

    def earn(self, account_id: int, cause: Cause, *, points: int, lot_of: PointsLot, rule_version: str) -> None:
        """Add points to the lot of the order and day (`lot_of` is a draft of it); they wait until the lot counts."""
        lot = self._same_lot(account_id, lot_of)
        lot.earned += points
        lot.remaining += points
        self._add(
            Booking(
                cause,
                PointsEntry.Kind.EARNED,
                0,
                self.accounts[account_id],
                lot,
                points,
                not lot.is_active,
                lot.order_number,
                rule_version,
            )
        )

    def reverse(self, account_id: int, cause: Cause, *, points: int, order_number: str) -> None:
        """Take points back: what waits of this order, then the rest of this order, then other points, else a debt."""
        account, left, part = self.accounts[account_id], points, 0
        for lot in self._to_take_from(account_id, order_number):
            taken = min(left, lot.remaining)
            if taken:
                lot.remaining -= taken
                left -= taken
                self._take(cause, part, account, lot, taken, order_number)
                part += 1
        if left:
            self._take(cause, part, account, None, left, order_number)

    def _take(
        self, cause: Cause, part: int, account: LoyaltyAccount, lot: PointsLot | None, points: int, order_number: str
    ) -> None:
        self._add(
            Booking(
                cause,
                PointsEntry.Kind.REVERSED,
                part,
                account,
                lot,
                -points,
                lot is not None and not lot.is_active,
                order_number,
                self.orders[order_number].rule_version,
            )
        )

    def _to_take_from(self, account_id: int, order_number: str) -> list[PointsLot]:
        """Lots in the order in which a return of this order eats them; another order's waiting points are left alone."""
        usable = [
            lot
            for lot in self.lots[account_id]
            if lot.remaining and (lot.is_active or lot.order_number == order_number)
        ]
        return sorted(usable, key=lambda lot: (lot.is_active, lot.order_number != order_number))

    def _same_lot(self, account_id: int, draft: PointsLot) -> PointsLot:
        for lot in self.lots[account_id]:
            if (lot.order_number, lot.active_from) == (draft.order_number, draft.active_from):
                return lot
        self.lots[account_id].append(draft)
        return draft

    def _add(self, booking: Booking) -> None:
        self._bookings.append(booking)
        account, order = booking.account, self.orders[booking.order_number]
        if booking.is_pending:
            account.pending += booking.points
        else:
            account.balance += booking.points
        if booking.kind == PointsEntry.Kind.EARNED:
            order.earned += booking.points
            order.rule_version = order.rule_version or booking.rule_version
        else:
            order.reversed -= booking.points
        order.causes.add(booking.cause.key)

    def close(self) -> None:
        """Write lots, ledger and balances."""
        if not self._bookings:
            return
        touched = {id(b.lot): b.lot for b in self._bookings if b.lot is not None}.values()
        kept = [lot for lot in touched if lot.pk]
        PointsLot.objects.bulk_create([lot for lot in touched if lot.pk is None])
        _set(PointsLot, ("earned", "remaining"), [(lot.pk, lot.earned, lot.remaining) for lot in kept])
        write_entries(self._bookings)
        accounts = {b.account.pk: b.account for b in self._bookings}.values()
        _set(LoyaltyAccount, ("balance", "pending"), [(a.pk, a.balance, a.pending) for a in accounts])


def _set(model: type[Model], names: tuple[str, str], rows: Sequence[tuple[int, int, int]]) -> None:
    """Set two whole numbers of each row, by its key, in one statement."""
    if not rows:
        return
    first, second = names
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {model._meta.db_table} AS kept SET {first} = new.{first}, {second} = new.{second}
              FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS new(id, {first}, {second}) WHERE kept.id = new.id
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


def read_orders(numbers: Collection[str]) -> dict[str, OrderBook]:
    """What the ledger says of orders' points."""
    books: dict[str, OrderBook] = defaultdict(OrderBook)
    rows = PointsEntry.objects.filter(order_number__in=numbers).exclude(kind__in=_NOT_OF_THE_ORDER).order_by("id")
    for entry in rows:
        book = books[entry.order_number]
        book.causes.add((entry.cause_type, entry.cause_id, entry.cause_line))
        book.account_id = entry.account_id
        if entry.kind == PointsEntry.Kind.EARNED:
            book.earned += entry.points
            book.rule_version = book.rule_version or entry.rule_version
        else:
            book.reversed -= entry.points
    return books


def write_entries(bookings: Iterable[Booking], *, actor: str = SYSTEM) -> None:
    """Append ledger rows in one statement."""
    now = timezone.now()
    insert_rows(
        PointsEntry,
        _FIELDS,
        [
            (
                b.cause.type,
                b.cause.id,
                b.cause.line,
                b.kind,
                b.part,
                b.cause.recorded_on,
                b.cause.occurred_at,
                now,
                b.cause.business_date,
                actor,
                b.account.pk,
                b.lot.pk if b.lot is not None else None,
                b.points,
                b.is_pending,
                b.order_number,
                b.rule_version,
            )
            for b in bookings
        ],
    )
