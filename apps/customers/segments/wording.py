"""A definition as a sentence in the reader's language."""

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.customers.figures.counting import LEAST, rounded
from apps.customers.segments.conditions import Condition, Definition, Group, Match, Operator, channels, periods
from apps.customers.segments.measures import Kind, Measure, measure_called
from apps.portal import formats


def said(definition: Definition) -> list[tuple[str, list[str]]]:
    """The definition in words: for each group how its conditions go together, and each condition as a sentence."""
    return [(_how(group), [condition_said(each) for each in group.conditions]) for group in definition.groups]


def in_one_line(definition: Definition) -> str:
    """The whole definition as one sentence: "Ordered at least 3 times, online; and has a loyalty card."."""
    between = {Match.ALL: _("and"), Match.ANY: _("or")}
    groups = []
    for group in definition.groups:
        parts = f"; {between[Match(group.match)]} ".join(condition_said(each) for each in group.conditions)
        groups.append(f"({parts})" if len(definition.groups) > 1 and len(group.conditions) > 1 else parts)
    return f"{capfirst(f'; {between[Match(definition.match)]} '.join(groups))}."


def _how(group: Group) -> str:
    return "" if len(group.conditions) == 1 else str(Match(group.match).label)


def condition_said(condition: Condition) -> str:
    """One condition after "the customer": ordered at least 3 times, in the last 12 months, online."""
    measure = measure_called(condition.measure)
    if measure is None:
        return _("something that is no longer known (%(measure)s)") % {"measure": condition.measure}
    negated = condition.operator == Operator.IS_NOT
    phrase = str(measure.said_not if negated else measure.said) % {"value": _value_said(measure, condition)}
    parts = [phrase]
    if condition.period:
        parts.append(dict(periods()).get(condition.period, condition.period))
    if condition.channel:
        parts.append(dict(channels()).get(condition.channel, condition.channel))
    return ", ".join(parts)


def _value_said(measure: Measure, condition: Condition) -> str:
    if measure.kind == Kind.FLAG:
        return ""
    if measure.kind == Kind.ONE_OF:
        labels = {value: str(label) for value, label in measure.choices()} if measure.choices else {}
        return _(" or ").join(labels.get(value, value) for value in condition.values)
    if measure.kind == Kind.DAY:
        days = {"count": int(condition.number)}
        if condition.operator == Operator.WITHIN:
            return ngettext("in the last day", "in the last %(count)s days", days["count"]) % days
        return ngettext("more than %(count)s day ago", "more than %(count)s days ago", days["count"]) % days
    value = _number_said(measure, condition)
    return f"{Operator(condition.operator).label} {value}"


def _number_said(measure: Measure, condition: Condition) -> str:
    if measure.kind == Kind.AMOUNT:
        return formats.money(condition.number, condition.currency)
    if measure.kind == Kind.SHARE:
        return formats.percent(condition.number / 100)
    return formats.quantity(condition.number)


def people_said(count: int | None, *, exactly: bool) -> str:
    """A number of customers; to those who may not see the customers rounded as their figures are, for two numbers that are held
    against each other tell of the one customer by whom they differ."""
    if count is None:
        return _("not counted yet")
    if exactly:
        return formats.quantity(count)
    told = rounded(count)
    return _("fewer than %(count)s") % {"count": LEAST} if told.few else formats.quantity(told.number)


def counted_said(moment: object) -> str:
    """When it was counted: at 14:05, or on 21 Nov."""
    return formats.when(timezone.localtime(moment)) if moment else ""  # type: ignore[arg-type]  # a moment, where there is one
