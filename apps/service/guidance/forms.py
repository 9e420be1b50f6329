"""Forms of the communication policy."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.roles import Role, roles_with
from apps.customers.services.lookup import Purpose
from apps.portal.discretion import Tag
from apps.portal.filters import DayInput
from apps.service.guidance.models import PARTS, GuidanceRule, Policy
from apps.service.guidance.states import known_states
from apps.service.models import ContactMoment, Topic
from apps.service.tree import TopicTree

_PARTS = {
    "say": gettext_lazy("Say"),
    "ask": gettext_lazy("Ask"),
    "skip": gettext_lazy("Leave out"),
}
CHANNELS = ContactMoment.Channel.choices


class DraftForm(forms.Form):
    """What a new version is for, and from when it holds."""

    note = forms.CharField(
        label=gettext_lazy("What changes"),
        max_length=Policy._meta.get_field("note").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("For colleagues who read this version later."),
    )
    valid_from = forms.DateField(label=gettext_lazy("Valid from"), widget=DayInput, initial=timezone.localdate)

    says_optional = True


class PolicyForm(DraftForm):
    """A draft's day, note, and what its words mean."""

    new_days = forms.IntegerField(
        label=gettext_lazy("New, until so many days after the first purchase"), min_value=1, max_value=3650
    )
    lapsed_days = forms.IntegerField(
        label=gettext_lazy("Bought nothing for long, after so many days"), min_value=1, max_value=3650
    )
    complaint_days = forms.IntegerField(
        label=gettext_lazy("A complaint without an answer is open for so many days"), min_value=1, max_value=3650
    )


class RuleForm(forms.Form):
    """When a rule holds and what it says; what is left open sets no condition."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    state = forms.ChoiceField(label=gettext_lazy("Customer"), required=False)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Only by"), choices=CHANNELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    topic = forms.ChoiceField(label=gettext_lazy("About"), required=False)
    place = forms.IntegerField(
        label=gettext_lazy("Place in the list"),
        min_value=1,
        max_value=999,
        required=False,
        help_text=gettext_lazy("Counts only between rules that are as close to the conversation."),
    )

    says_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("state", [("", _("any customer")), *((state.name, state.label) for state in known_states())])
        self._choose("topic", [("", _("anything")), *TopicTree.read().choices(timezone.localdate())])
        for code, language in settings.LANGUAGES:
            for part, label in _PARTS.items():
                self.fields[f"{part}_{code}"] = forms.CharField(
                    label=_("%(part)s, in %(language)s") % {"part": label, "language": language},
                    max_length=2000,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
                    help_text=_("One thing on each line.") if part == "say" else "",
                )
        texts = [f"{part}_{code}" for code, _language in settings.LANGUAGES for part in _PARTS]
        self.order_fields(["name", "state", "channels", "topic", *texts, "place"])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean_topic(self) -> Topic | None:
        code = self.cleaned_data["topic"]
        return Topic.objects.get(code=code) if code else None

    @property
    def texts(self) -> list[list[forms.BoundField]]:
        """What it says, part by part, each in every language."""
        return [[self[f"{part}_{code}"] for code, _language in settings.LANGUAGES] for part in PARTS]

    @property
    def values(self) -> dict[str, Any]:
        """A rule as the service takes it."""
        said = self.cleaned_data
        texts = {part: {code: said[f"{part}_{code}"] for code, _language in settings.LANGUAGES} for part in PARTS}
        return {name: said[name] for name in ("name", "state", "channels", "topic", "place")} | {"texts": texts}


def initial_of(rule: GuidanceRule) -> dict[str, Any]:
    """A rule as its form shows it."""
    texts = {
        f"{part}_{code}": getattr(rule, part).get(code, "") for part in PARTS for code, _language in settings.LANGUAGES
    }
    return {
        "name": rule.name,
        "state": rule.state,
        "channels": rule.channels,
        "topic": rule.topic_id or "",
        "place": rule.position,
        **texts,
    }


class ConversationForm(forms.Form):
    """A conversation to read the guidance for: who, by what, about what."""

    state = forms.MultipleChoiceField(
        label=gettext_lazy("Customer"), required=False, widget=forms.CheckboxSelectMultiple
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("By"), choices=[("", gettext_lazy("not chosen yet")), *CHANNELS], required=False
    )
    topic = forms.ChoiceField(label=gettext_lazy("About"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state: Any = self.fields["state"]
        state.choices = [(each.name, each.label) for each in known_states()]
        topic: Any = self.fields["topic"]
        topic.choices = [("", _("not chosen yet")), *TopicTree.read().choices(timezone.localdate())]


def seers() -> list[tuple[str, Any]]:
    """The roles that may see customers, in which exceptions are made."""
    return [(role.value, Role(role).label) for role in roles_with("customers.view")]


class DatumForm(forms.Form):
    """How much of a datum may be said: by purpose, and for a role where that is other."""

    def __init__(self, *args: Any, proposed: Mapping[str, Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in Purpose:
            usual = _("as proposed: %(tag)s") % {"tag": proposed[purpose].label}
            self.fields[f"purpose_{purpose}"] = forms.ChoiceField(
                label=Purpose(purpose).label, choices=[("", usual), *Tag.choices], required=False
            )
        for role, label in seers():
            self.fields[f"role_{role}"] = forms.ChoiceField(
                label=label, choices=[("", _("as above")), *Tag.choices], required=False
            )

    def by_purpose(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("purpose_")]

    def by_role(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("role_")]

    @property
    def tags(self) -> dict[tuple[str, str], str]:
        """What was chosen, as the service takes it: {(role, purpose): tag}."""
        said = self.cleaned_data
        purposes = {("", p.value): said[f"purpose_{p}"] for p in Purpose}
        roles = {(role, ""): said[f"role_{role}"] for role, _label in seers()}
        return {key: tag for key, tag in (purposes | roles).items() if tag}
