"""How long goods lie ready: the customer is reminded, may get more time, and in the end the goods go back on the shelf."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.retry import retried
from apps.network.directory import hours_of
from apps.orders.acts import collectable
from apps.orders.models import Collector, LineStatus, Order, OrderLine
from apps.orders.querysets import OrderQuerySet
from apps.orders.services.cancelling import NOT_COLLECTED, cancel
from apps.orders.services.fulfilling import locked
from apps.orders.services.types import WrongState
from apps.orders.ways import collected

GRACE = dt.timedelta(hours=3)
"""How long after closing time of the last day goods are kept all the same: somebody may be at the counter."""
LONGEST = 60
"""Days from today that goods may be kept at most."""
_AT_ONCE = 500
_log = structlog.get_logger(__name__)


def _time_zone(order: Order) -> str:
    return order.location.time_zone if order.location else order.channel.time_zone


@retried
@transaction.atomic
def keep_until(*, number: str, day: dt.date, actor: str) -> Order:
    """Keep what lies ready for the customer until the end of another day; they get a mail that says so.

    That mail is their reminder: no other follows. Raises WrongState when nothing lies ready, InvalidInput for a day that is
    over or too far off.
    """
    order, lines = locked(number)
    collectable(order, lines)
    now = timezone.now()
    today = business_date(now, _time_zone(order))
    if not today <= day <= today + dt.timedelta(days=LONGEST):
        detail = _("Choose a day from today, at most %(days)s days away.") % {"days": LONGEST}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "day")])
    hours = hours_of(order.location_id, time_zone=_time_zone(order))
    if not hours.is_open_on(day):
        detail = _("The store is closed on that day; choose another.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "day")])
    until = hours.closing_time(day)
    if until <= now:
        detail = _("The store has closed for today; choose a later day.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "day")])
    if until == order.collect_until:
        return order
    order.collect_until, order.collect_reminded_at = until, now
    order.save(update_fields=["collect_until", "collect_reminded_at"])
    record(Happened(topic="order.kept_longer", **_told(order)))
    return order


@retried
@transaction.atomic
def name_collector(*, number: str, name: str, actor: str) -> Collector:
    """Somebody else comes for the order. Naming the same person again changes nothing."""
    order, lines = locked(number)
    mine = collected(lines)
    if not mine:
        raise WrongState(_("This order is not collected in a store."))
    if all(ln.status in {LineStatus.COLLECTED, LineStatus.CANCELLED, LineStatus.RETURNED} for ln in mine):
        raise WrongState(_("There is nothing left to collect of this order."))
    named = order.collectors.last()
    if named is not None and named.name == name:
        return named
    return Collector.objects.create(order=order, name=name, actor=actor)


def _lying() -> OrderQuerySet[Order]:
    """Orders that somebody may still come for."""
    ready = OrderLine.objects.filter(order=OuterRef("pk"), status=LineStatus.READY)
    waiting: OrderQuerySet[Order] = Order.objects.filter(
        Exists(ready), collect_until__isnull=False, status__in=["open", "coming", "sourced", "picking", "ready"]
    )
    return waiting


def remind_of_collecting(*, now: dt.datetime | None = None) -> int:
    """Remind customers whose goods have lain ready for as long as their channel says; return how many."""
    moment = now or timezone.now()
    days = F("channel__collect_reminder_days") * Value(dt.timedelta(days=1), DurationField())
    due = _lying().filter(
        collect_reminded_at=None,
        collect_until__gt=moment,
        ready_at__lte=ExpressionWrapper(Value(moment) - days, output_field=Order._meta.get_field("ready_at")),
    )
    return _each(due, lambda number: _remind(number=number, now=moment))


def let_uncollected_expire(*, now: dt.datetime | None = None) -> int:
    """Call off what nobody came for; return of how many orders."""
    moment = now or timezone.now()
    overdue = _lying().filter(collect_until__lte=moment - GRACE)
    return _each(overdue, lambda number: _expire(number=number, now=moment))


def _each(orders: OrderQuerySet[Order], act: Callable[[str], bool]) -> int:
    """Do it for each in a transaction of its own; one that fails keeps nobody else waiting."""
    done = 0
    orders = orders.order_by("collect_until", "pk")
    page = list(orders.values_list("number", "collect_until", "pk")[:_AT_ONCE])
    while page:
        for number, _until, _pk in page:
            try:
                done += act(number)
            except Exception:
                _log.exception("collecting_not_followed_up", order=number)
        _number, until, pk = page[-1]
        rest = orders.filter(Q(collect_until__gt=until) | Q(collect_until=until, pk__gt=pk))
        page = list(rest.values_list("number", "collect_until", "pk")[:_AT_ONCE])
    return done


@retried
@transaction.atomic
def _remind(*, number: str, now: dt.datetime) -> bool:
    order, lines = locked(number)
    if order.collect_reminded_at is not None or not _ready(lines):
        return False
    order.collect_reminded_at = now
    order.save(update_fields=["collect_reminded_at"])
    record(Happened(topic="order.reminded", **_told(order)))
    return True


@retried
@transaction.atomic
def _expire(*, number: str, now: dt.datetime) -> bool:
    """Under the order's lock, so a customer who collects at this moment either has the goods or does not."""
    order, lines = locked(number)
    ready = _ready(lines)
    if not ready or order.collect_until is None or order.collect_until > now - GRACE:
        return False
    cancel(number=number, line_numbers={ln.line for ln in ready}, actor="system", reason=NOT_COLLECTED)
    return True


def _ready(lines: Iterable[OrderLine]) -> list[OrderLine]:
    return [ln for ln in lines if ln.status == LineStatus.READY]


def _told(order: Order) -> dict[str, Any]:
    """What every event of the keeping says beside its topic."""
    assert order.collect_until is not None
    return {
        "object_type": "order",
        "object_key": order.number,
        "occurred_at": timezone.now(),
        "payload": {
            "order": order.number,
            "location": order.location.code if order.location else None,
            "until": order.collect_until.astimezone(dt.UTC).isoformat(),
        },
    }
