"""The builder: a form for each condition, put together from what its measure can be compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.roles import Role, roles_with
from apps.core.errors import DomainError
from apps.customers.models import Consent
from apps.customers.segments.conditions import (
    OPERATORS,
    Condition,
    Definition,
    Group,
    Match,
    Operator,
    channels,
    periods,
)
from apps.customers.segments.measures import Kind, Measure, grouped, measure_called
from apps.customers.segments.services.exporting import FIELDS, WAYS
from apps.customers.segments.services.saving import LONGEST_NAME
from apps.network.models import Channel
from apps.portal.amounts import AmountField

_YES_NO = {Operator.IS: gettext_lazy("yes"), Operator.IS_NOT: gettext_lazy("no")}
_ONE_OF = {Operator.IS: gettext_lazy("is one of"), Operator.IS_NOT: gettext_lazy("is none of")}
FEW_CHOICES = 8


class CodesField(forms.CharField):
    """Codes with commas between them."""

    def to_python(self, value: Any) -> Any:
        text = value if isinstance(value, str) else ",".join(value or ())
        return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ", ".join(value or ())


class ConditionForm(forms.Form):
    """One condition on a measure: only what this measure can be asked."""

    says_optional = False

    def __init__(self, measure: Measure, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measure = measure
        self.fields["operator"] = forms.ChoiceField(label=_("Compared"), choices=_operators(measure))
        if (value := _value_field(measure)) is not None:
            self.fields["values" if measure.kind == Kind.ONE_OF else "value"] = value
        if measure.kind == Kind.AMOUNT:
            currencies = Channel.objects.order_by("currency").values_list("currency", flat=True).distinct()
            self.fields["currency"] = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in currencies])
        if measure.by_period:
            self.fields["period"] = forms.ChoiceField(label=_("When"), choices=periods(), required=False)
        if measure.by_channel:
            self.fields["channel"] = forms.ChoiceField(label=_("Channel"), choices=channels(), required=False)

    @property
    def condition(self) -> Condition:
        """What was filled in; wants a valid form."""
        given = self.cleaned_data
        value = given.get("value")
        return Condition(
            measure=self.measure.name,
            operator=given["operator"],
            value="" if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value),
            values=tuple(given.get("values", ())),
            period=given.get("period", ""),
            channel=given.get("channel", ""),
            currency=given.get("currency", ""),
        )


def _operators(measure: Measure) -> list[tuple[str, Any]]:
    words: Mapping[Operator, Any] = {
        Kind.FLAG: _YES_NO,
        Kind.ONE_OF: _ONE_OF,
    }.get(measure.kind, {})
    return [(operator.value, words.get(operator, operator.label)) for operator in OPERATORS[measure.kind]]


def _value_field(measure: Measure) -> forms.Field | None:
    if measure.kind == Kind.FLAG:
        return None
    if measure.kind == Kind.ONE_OF:
        if measure.choices is None:
            return CodesField(label=_("Codes"), help_text=measure.help)
        choices = list(measure.choices())
        few = len(choices) <= FEW_CHOICES
        widget = forms.CheckboxSelectMultiple if few else forms.SelectMultiple(attrs={"size": 5})
        return forms.MultipleChoiceField(label=_("Which"), choices=choices, widget=widget)
    if measure.kind == Kind.AMOUNT:
        return AmountField(label=_("Amount"), min_value=0)
    if measure.kind == Kind.SHARE:
        return forms.DecimalField(label=_("Per cent"), min_value=0, max_value=100, max_digits=5, decimal_places=2)
    label = _("Days") if measure.kind == Kind.DAY else _("Number")
    return forms.IntegerField(label=label, min_value=0, max_value=36_500 if measure.kind == Kind.DAY else None)


class SegmentForm(forms.Form):
    """What a segment is called and whom it is shared with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Shared with"),
        choices=[(role.value, role.label) for role in roles_with("segments.view") if role != Role.HEAD_OFFICE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("They see how many of their own customers belong to it, never who."),
    )


@dataclass
class GroupDraft:
    match: str = Match.ALL
    conditions: list[ConditionForm] = field(default_factory=list)


@dataclass
class Draft:
    """A segment while it is being made: what was filled in so far, valid or not."""

    about: SegmentForm
    match: str
    groups: list[GroupDraft]

    @classmethod
    def new(cls) -> "Draft":
        return cls(SegmentForm(), Match.ALL, [GroupDraft()])

    @classmethod
    def of(cls, name: str, roles: list[str], definition: Definition) -> "Draft":
        """A segment as it is, to be changed. What is no longer known is left out: it cannot be kept."""
        groups = []
        for g, group in enumerate(definition.groups):
            forms_ = [
                ConditionForm(measure, initial=_initial(each), prefix=f"g{g}c{c}")
                for c, each in enumerate(group.conditions)
                if (measure := measure_called(each.measure)) is not None
            ]
            groups.append(GroupDraft(group.match, forms_))
        return cls(SegmentForm(initial={"name": name, "roles": roles}), definition.match, groups)

    @classmethod
    def told(cls, data: QueryDict) -> "Draft":
        """What was filled in. `group` lists the groups by their prefix, `condition` the conditions as prefix and measure."""
        groups = {prefix: GroupDraft(data.get(f"{prefix}-match", Match.ALL)) for prefix in data.getlist("group")[:20]}
        for line in data.getlist("condition")[:40]:
            prefix, _colon, name = line.partition(":")
            group, measure = groups.get(prefix.partition("c")[0]), measure_called(name)
            if group is not None and measure is not None:
                group.conditions.append(ConditionForm(measure, data, prefix=prefix))
        return cls(SegmentForm(data), data.get("match", Match.ALL), list(groups.values()) or [GroupDraft()])

    def act(self, act: str, data: QueryDict) -> None:
        """Add or take away what a button asks: `add:1`, `remove:g0c2`, `add-group`, `remove-group:1`."""
        what, _colon, which = act.partition(":")
        if what == "add-group" and len(self.groups) < 10:
            self.groups.append(GroupDraft())
        elif what == "remove-group" and which.isdigit() and int(which) < len(self.groups) > 1:
            del self.groups[int(which)]
        elif what == "remove":
            for group in self.groups:
                group.conditions = [form for form in group.conditions if form.prefix != which]
        elif what == "add" and which.isdigit() and int(which) < len(self.groups):
            measure = measure_called(data.get(f"add-{which}", ""))
            if measure is not None:
                self.groups[int(which)].conditions.append(ConditionForm(measure, prefix=f"g{which}new"))

    def renumbered(self) -> "Draft":
        """The same with prefixes in order, and what was filled in kept as it stands, right or wrong, without complaint."""
        groups = [
            GroupDraft(
                group.match,
                [
                    ConditionForm(form.measure, initial=_raw(form), prefix=f"g{g}c{c}")
                    for c, form in enumerate(group.conditions)
                ],
            )
            for g, group in enumerate(self.groups)
        ]
        return Draft(SegmentForm(initial=_raw(self.about)), self.match, groups)

    @property
    def is_valid(self) -> bool:
        """Whether every part can be read; asked of all parts, so that each says what is wrong with it."""
        answers = [form.is_valid() for group in self.groups for form in group.conditions]
        return all(answers)

    @cached_property
    def definition(self) -> Definition:
        """What is defined; wants valid parts."""
        groups = tuple(
            Group(tuple(form.condition for form in group.conditions), group.match)
            for group in self.groups
            if group.conditions or len(self.groups) == 1
        )
        return Definition(groups, self.match)

    def show(self, refusal: DomainError) -> None:
        """Put what was refused beside the part it names, the rest above the form."""
        kept = [group for group in self.groups if group.conditions or len(self.groups) == 1]
        for fault in refusal.faults:
            parts = (fault.attr or "").split(".")
            if len(parts) == 5:
                form = kept[int(parts[1])].conditions[int(parts[3])]
                form.add_error(parts[4] if parts[4] in form.fields else None, fault.detail)
            else:
                self.about.add_error(fault.attr if fault.attr in self.about.fields else None, fault.detail)

    @property
    def choices(self) -> list[tuple[str, list[Measure]]]:
        return grouped()

    @property
    def matches(self) -> list[tuple[str, Any]]:
        return list(Match.choices)


def _initial(condition: Condition) -> dict[str, Any]:
    value: Any = condition.value
    if value and condition.of.kind == Kind.AMOUNT:
        value = condition.number
    return {
        "operator": condition.operator,
        "value": value,
        "values": condition.values,
        "period": condition.period,
        "channel": condition.channel,
        "currency": condition.currency,
    }


def _raw(form: forms.Form) -> dict[str, Any]:
    """What stands in a form, as it was typed."""
    if not form.is_bound:
        return dict(form.initial)
    return {
        name: bound.field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, bound in ((name, form[name]) for name in form.fields)
    }


class ExportForm(forms.Form):
    """What the members are written to for, how, and what the file holds."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("What it is for"),
        choices=lambda: Consent.Purpose.choices,
        help_text=gettext_lazy("Only customers who allow this are in the file."),
    )
    way = forms.ChoiceField(
        label=gettext_lazy("How they are reached"),
        choices=list(WAYS.items()),
        help_text=gettext_lazy("Whoever cannot be reached that way is left out."),
    )
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(each.name, each.label) for each in FIELDS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Take no more than you need."),
    )
