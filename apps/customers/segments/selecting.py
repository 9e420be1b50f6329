"""Who belongs to a segment now."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.customers.models import SourceRecord
from apps.customers.segments.conditions import LAST_YEAR, THIS_YEAR, Condition, Definition, Match, Operator
from apps.customers.segments.measures import Asked, Kind
from apps.customers.segments.people import People, all_of, any_of
from apps.customers.services.restricting import restricted_customers

Among = People | None


def everybody() -> People:
    """All customers there are: whoever a source record stands for."""
    return People.of(SourceRecord.objects.values("customer"))


def at_home_in(location_ids: Collection[int]) -> People:
    """The customers of stores: those whose home store it is, to at least one system."""
    return People.of(SourceRecord.objects.filter(home_location__in=list(location_ids)).values("customer"))


def who(definition: Definition, *, among: Among = None, today: dt.date | None = None) -> People:
    """The customers that a definition selects, out of everybody or of a set that is read first; never who restricted the use."""
    day = today or timezone.localdate()
    groups = [
        _together(group.match, [_who(condition, among, day) for condition in group.conditions])
        for group in definition.groups
    ]
    selected = _together(definition.match, groups)
    restricted = People.of(restricted_customers())
    return selected.but_not(restricted) if restricted_customers().exists() else selected


def _together(match: str, sets: list[People]) -> People:
    return any_of(sets) if match == Match.ANY else all_of(sets)


def _who(condition: Condition, among: Among, today: dt.date) -> People:
    """Whom one condition selects. What also holds for somebody without any rows is everybody but those of its opposite."""
    measure, operator = condition.of, condition.operator
    since, until = days_of(condition.period, today)
    asked = Asked(since, until, condition.channel, condition.currency, condition.values)
    customer = measure.customer
    rows = measure.rows(asked).order_by().filter(**{f"{customer}__isnull": False})
    if among is not None:
        rows = rows.filter(**{f"{customer}__in": among.ids})

    def those(**comparison: Any) -> People:
        measured = rows.values(customer).annotate(measured=measure.worked_out)
        return People.of(
            measured.filter(**{f"measured__{how}": value for how, value in comparison.items()}).values(customer)
        )

    others = everybody() if among is None else among
    if measure.kind in {Kind.FLAG, Kind.ONE_OF}:
        has = (
            those(**{"in": list(condition.values)})
            if measure.measured is not None
            else People.of(rows.values(customer))
        )
        return has if operator == Operator.IS else others.but_not(has)
    if measure.kind == Kind.DAY:
        edge = today - dt.timedelta(days=int(condition.number))
        return those(gte=edge) if operator == Operator.WITHIN else those(lt=edge)
    number: Decimal | int = int(condition.number) if measure.kind == Kind.NUMBER else condition.number
    if operator == Operator.AT_LEAST:
        return those(gte=number) if number > 0 else others
    if operator == Operator.AT_MOST and measure.kind == Kind.SHARE:
        return those(lte=number)  # of nothing at all there is no share
    if operator == Operator.AT_MOST:
        return others.but_not(those(gt=number))
    return those(exact=number) if number > 0 else others.but_not(those(gt=0))


def days_of(period: str, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """The first and last day of a period as a condition names it; None where it is open."""
    if not period:
        return None, None
    if period == THIS_YEAR:
        return today.replace(month=1, day=1), None
    if period == LAST_YEAR:
        return dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)
    return today - dt.timedelta(days=int(period) - 1), None
