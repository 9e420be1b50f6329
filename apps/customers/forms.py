"""Forms about customers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Consent, Identifier
from apps.customers.services.barring import DEFAULTS, Rule
from apps.customers.services.guessing import guesses
from apps.customers.services.limiting import NEVER_SHARED
from apps.customers.services.lookup import identifier_kinds
from apps.customers.services.provenance import RecordStory
from apps.customers.services.setting_apart import NORMAL_FORMS
from apps.portal import formats


class FindForm(forms.Form):
    """One field that understands everything, and a field for each kind of identifier for those who want to be precise."""

    identifier = forms.CharField(
        label=gettext_lazy("What the customer says or shows"),
        max_length=254,
        required=False,
        help_text=gettext_lazy(
            "E-mail address, phone, card, postcode and house number, order number, receipt or collect code."
        ),
    )
    email = forms.CharField(label=gettext_lazy("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    loyalty_card = forms.CharField(label=gettext_lazy("Loyalty card"), max_length=40, required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=10, required=False)
    house_number = forms.CharField(label=gettext_lazy("House number"), max_length=24, required=False)
    order = forms.CharField(label=gettext_lazy("Order number"), max_length=24, required=False)
    receipt = forms.CharField(
        label=gettext_lazy("Till receipt"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "Till, day and number as printed, for example 2/2026-11-21/418; of another store with its code first."
        ),
    )
    collect_code = forms.CharField(label=gettext_lazy("Collect code"), max_length=24, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {"identifier", *identifier_kinds()}
        for name in [name for name in self.fields if name not in known]:
            del self.fields[name]
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["identifier"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not self.attempts:
            if given.get("identifier"):
                self.add_error("identifier", _("This looks like none of these. Choose the field it belongs to below."))
            else:
                self.add_error("identifier", _("Ask for something that only this customer has."))
        return given

    @property
    def attempts(self) -> list[dict[str, str]]:
        """The look-ups to try, in order; the first that finds somebody counts."""
        precise = {kind: value for kind, value in self.cleaned_data.items() if kind != "identifier" and value}
        if precise:
            return [precise]
        return guesses(self.cleaned_data.get("identifier", ""))


class ConsentForm(forms.Form):
    """What a customer says about a purpose, to somebody of ours."""

    purpose = forms.ChoiceField(label=gettext_lazy("For"), choices=Consent.Purpose.choices)
    given = forms.TypedChoiceField(
        label=gettext_lazy("The customer"),
        choices=[("yes", gettext_lazy("agrees")), ("no", gettext_lazy("no longer wants this"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


class PartForm(forms.Form):
    """Which records of a customer go, and whether any rule may bring them back."""

    records = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Which records are somebody else?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose the records that go.")},
    )
    seen = forms.TypedMultipleChoiceField(coerce=int, widget=forms.MultipleHiddenInput)  # what there was to choose from
    never = forms.BooleanField(
        label=gettext_lazy("These are two people. Never join them again by any rule."), required=False, initial=True
    )

    def __init__(self, *args: Any, stories: Sequence[RecordStory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.every = [(story.record.pk, _record_in_words(story)) for story in stories]
        for name in ("records", "seen"):
            records = self.fields[name]
            assert isinstance(records, forms.TypedMultipleChoiceField)
            records.choices = self.every
        self.initial["seen"] = [pk for pk, _words in self.every]

    def clean_records(self) -> list[int]:
        chosen = list(self.cleaned_data["records"])
        if len(chosen) == len(self.every):
            raise forms.ValidationError(_("Leave at least one record."))
        return chosen


def _record_in_words(story: RecordStory) -> str:
    """Enough to tell one record from another: system, name, e-mail address or phone, since when."""
    told = story.details
    name = " ".join(part for part in (told.first_name, told.infix, told.last_name) if part) if told else ""
    since = formats.day(story.record.recorded_at)
    known = [story.source, name, told.email if told else "", told.phone if told else "", since]
    return " · ".join(str(part) for part in known if part)


class LimitsForm(forms.Form):
    """How many of each kind one customer gets by joining, within how many days, and how many people may share one."""

    says_optional = False
    parts = {
        "at_most": (gettext_lazy("At most for one customer"), 1, 1000),
        "window_days": (gettext_lazy("Within so many days"), 1, 3650),
        "shared_by": (gettext_lazy("Set apart above so many people"), 2, 1000),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, usual in DEFAULTS.items():
            for part, (label, least, most) in self.parts.items():
                if part == "shared_by" and kind in NEVER_SHARED:
                    continue
                number = getattr(usual, part)
                said = _("Usually %(number)s.") % {"number": number} if number else _("Usually empty.")
                self.fields[f"{kind}-{part}"] = forms.IntegerField(
                    label=label, min_value=least, max_value=most, required=False, help_text=said
                )

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields of each kind, with its name."""
        return [
            (Identifier.Kind(kind).label, [self[name] for name in self.fields if name.startswith(f"{kind}-")])
            for kind in DEFAULTS
        ]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for kind in DEFAULTS:
            if told.get(f"{kind}-window_days") and f"{kind}-at_most" in told and not told[f"{kind}-at_most"]:
                self.add_error(f"{kind}-at_most", _("Say how many in that time."))
        return told

    @property
    def rules(self) -> dict[str, Rule]:
        """What was filled in, by kind."""
        told = self.cleaned_data
        return {kind: Rule(**{part: told.get(f"{kind}-{part}") for part in self.parts}) for kind in DEFAULTS}


class BarForm(forms.Form):
    """An identifier, or a pattern with a star in it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(kind, Identifier.Kind(kind).label) for kind in NORMAL_FORMS]
    )
    value = forms.CharField(
        label=gettext_lazy("Identifier"),
        max_length=254,
        help_text=gettext_lazy("With a * for whatever may stand there: till*@shop.example."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
