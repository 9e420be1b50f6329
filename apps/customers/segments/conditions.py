"""A segment's definition: groups of conditions, each a measure compared with a value.

As JSON: {"match": "all", "groups": [{"match": "any", "conditions": [{"measure": "orders.number", "operator": "at_least",
"value": "3", "period": "365", "channel": "@online"}]}]}. It holds names, codes and numbers, never a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Fault, InvalidInput
from apps.customers.segments.measures import ONLINE, STORES, Kind, Measure, measure_called
from apps.network.models import Channel

MOST_CONDITIONS = 20
LARGEST = Decimal(10) ** 9


class Match(models.TextChoices):
    ALL = "all", gettext_lazy("all of these")
    ANY = "any", gettext_lazy("at least one of these")


class Operator(models.TextChoices):
    AT_LEAST = "at_least", gettext_lazy("at least")
    AT_MOST = "at_most", gettext_lazy("at most")
    EXACTLY = "exactly", gettext_lazy("exactly")
    WITHIN = "within", gettext_lazy("in the last so many days")
    LONGER_AGO = "longer_ago", gettext_lazy("more than so many days ago")
    IS = "is", gettext_lazy("yes")
    IS_NOT = "is_not", gettext_lazy("no")


_NUMBERS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.EXACTLY)
OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.NUMBER: _NUMBERS,
    Kind.AMOUNT: (Operator.AT_LEAST, Operator.AT_MOST),
    Kind.SHARE: (Operator.AT_LEAST, Operator.AT_MOST),
    Kind.DAY: (Operator.WITHIN, Operator.LONGER_AGO),
    Kind.FLAG: (Operator.IS, Operator.IS_NOT),
    Kind.ONE_OF: (Operator.IS, Operator.IS_NOT),
}

THIS_YEAR, LAST_YEAR = "this_year", "last_year"


def periods() -> list[tuple[str, str]]:
    """Over which days rows count."""
    return [
        ("", _("ever")),
        ("30", _("in the last 30 days")),
        ("90", _("in the last 90 days")),
        ("182", _("in the last 6 months")),
        ("365", _("in the last 12 months")),
        ("730", _("in the last 24 months")),
        (THIS_YEAR, _("this year")),
        (LAST_YEAR, _("last year")),
    ]


def channels() -> list[tuple[str, str]]:
    """In which channels rows count; stores by name are a measure of their own."""
    online = Channel.objects.exclude(kind=Channel.Kind.STORE).order_by("name").values_list("code", "name")
    return [("", _("in any channel")), (STORES, _("in stores")), (ONLINE, _("online")), *online]


@dataclass(frozen=True)
class Condition:
    """One condition. `value` is a number as text; of one of several, the chosen `values`."""

    measure: str
    operator: str
    value: str = ""
    values: tuple[str, ...] = ()
    period: str = ""
    channel: str = ""
    currency: str = ""

    @property
    def of(self) -> Measure:
        measure = measure_called(self.measure)
        if measure is None:
            raise InvalidInput(_("Nothing is known as %(measure)s any more.") % {"measure": self.measure})
        return measure

    @property
    def number(self) -> Decimal:
        return Decimal(self.value)


@dataclass(frozen=True)
class Group:
    conditions: tuple[Condition, ...]
    match: str = Match.ALL


@dataclass(frozen=True)
class Definition:
    """Who belongs: all groups hold, or at least one; and in each group all conditions, or at least one."""

    groups: tuple[Group, ...]
    match: str = Match.ALL

    def as_json(self) -> dict[str, Any]:
        groups = [
            {
                "match": str(group.match),
                "conditions": [
                    {name: list(v) if isinstance(v, tuple) else str(v) for name, v in asdict(c).items() if v}
                    for c in group.conditions
                ],
            }
            for group in self.groups
        ]
        return {"match": str(self.match), "groups": groups}


def read(document: Mapping[str, Any]) -> Definition:
    """A definition as it was kept; it was checked when it was saved."""
    groups = tuple(
        Group(
            tuple(Condition(**{**c, "values": tuple(c.get("values", ()))}) for c in group["conditions"]),
            group["match"],
        )
        for group in document["groups"]
    )
    return Definition(groups, document["match"])


def check(definition: Definition) -> None:
    """Raises InvalidInput with a fault for each thing that is wrong, such as `groups.0.conditions.1.value`."""
    faults = [
        Fault("invalid", detail, f"groups.{g}.conditions.{c}.{name}")
        for g, group in enumerate(definition.groups)
        for c, condition in enumerate(group.conditions)
        for name, detail in flaws_of(condition)
    ]
    count = sum(len(group.conditions) for group in definition.groups)
    if count == 0 or any(not group.conditions for group in definition.groups):
        faults.append(Fault("required", _("Add at least one condition to each group."), "groups"))
    if count > MOST_CONDITIONS:
        faults.append(Fault("too_many", _("A segment has at most %(count)s conditions.") % {"count": MOST_CONDITIONS}))
    matches = [definition.match, *(group.match for group in definition.groups)]
    if any(match not in Match.values for match in matches):
        faults.append(Fault("invalid", _("Choose whether all conditions hold or at least one."), "match"))
    if faults:
        raise InvalidInput(faults[0].detail, faults=faults)


def flaws_of(condition: Condition) -> list[tuple[str, str]]:
    """What is wrong with a condition: (its part, what to do about it)."""
    measure = measure_called(condition.measure)
    if measure is None:
        return [("measure", _("Nothing is known as %(measure)s any more.") % {"measure": condition.measure})]
    flaws = []
    if condition.operator not in OPERATORS[measure.kind]:
        flaws.append(("operator", _("Choose how it is compared.")))
    if measure.kind == Kind.ONE_OF:
        flaws += _flaws_of_values(measure, condition.values)
    elif measure.kind != Kind.FLAG:
        flaws += _flaws_of_number(measure, condition.value)
    if condition.period and (not measure.by_period or condition.period not in dict(periods())):
        flaws.append(("period", _("Choose one of the periods.")))
    if condition.channel and (not measure.by_channel or condition.channel not in dict(channels())):
        flaws.append(("channel", _("There is no such channel any more. Choose another.")))
    if measure.kind == Kind.AMOUNT and len(condition.currency) != 3:
        flaws.append(("currency", _("Choose a currency: amounts of several are never added up.")))
    return flaws


def _flaws_of_values(measure: Measure, values: Sequence[str]) -> list[tuple[str, str]]:
    if not values:
        return [("values", _("Choose at least one."))]
    if measure.choices is not None:
        known = {value for value, _label in measure.choices()}
        unknown = [value for value in values if value not in known]
    else:
        unknown = list(measure.unknown(values)) if measure.unknown else []
    return [("values", _("%(code)s does not exist.") % {"code": ", ".join(unknown)})] if unknown else []


def _flaws_of_number(measure: Measure, value: str) -> list[tuple[str, str]]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return [("value", _("Write a number."))]
    if not number.is_finite() or not 0 <= number <= LARGEST:
        return [("value", _("Write a number that is not negative."))]
    if measure.kind in {Kind.NUMBER, Kind.DAY} and number != int(number):
        return [("value", _("Write a whole number."))]
    if measure.kind == Kind.SHARE and number > 100:
        return [("value", _("A share is at most 100 per cent."))]
    if measure.kind == Kind.DAY and number > 36_500:
        return [("value", _("Write a smaller number of days."))]
    return []
