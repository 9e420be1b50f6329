"""Forms of the service desk."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.ids import new_id
from apps.customers.forms import FindForm
from apps.network.models import Location
from apps.portal.filters import DayInput, LongSelect
from apps.service.models import ContactMoment, Topic
from apps.service.services.conversations import Conversation
from apps.service.tree import TopicTree

LANGUAGES = {
    "nl": gettext_lazy("Dutch"),
    "en": gettext_lazy("English"),
    "de": gettext_lazy("German"),
    "fr": gettext_lazy("French"),
}


def usual_channel(*, in_store: bool, going: Conversation | None = None) -> str:
    """By what somebody most likely speaks with a customer, before they say it."""
    usual = ContactMoment.Channel.STORE if in_store else ContactMoment.Channel.PHONE
    return (going.channel if going else "") or usual


class ContactForm(forms.Form):
    """A conversation to write down: what it was about and what was said. The rest has what it mostly is.

    `conversation` makes that a double click writes one, and leads to the steps out of which its time is worked out. `card` is
    the guidance that stood beside it, which follows channel and topic where `card_url` says where it comes from.
    """

    conversation = forms.UUIDField(widget=forms.HiddenInput)
    card = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    topic = forms.ChoiceField(label=gettext_lazy("About"))
    text = forms.CharField(
        label=gettext_lazy("What was said and agreed"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "data-send": "", "aria-keyshortcuts": "Control+Enter"}),
    )
    order_number = forms.CharField(label=gettext_lazy("Order"), max_length=16, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("By"), choices=ContactMoment.Channel.choices)
    direction = forms.ChoiceField(
        label=gettext_lazy("Who began"),
        choices=ContactMoment.Direction.choices,
        initial=ContactMoment.Direction.INBOUND,
    )
    ask_store = forms.ModelChoiceField(
        label=gettext_lazy("Ask a store"),
        queryset=Location.objects.filter(kind=Location.Kind.STORE).order_by("name"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("nobody"),
        widget=LongSelect,
    )
    ask_desk = forms.BooleanField(label=gettext_lazy("Ask the service desk"), required=False)
    question = forms.CharField(
        label=gettext_lazy("What they are asked"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("They see this, and no more of the conversation."),
    )

    says_optional = True

    def __init__(self, *args: Any, in_store: bool, card_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["ask_store" if in_store else "ask_desk"]
        if card_url:
            for name in ("topic", "channel"):
                self.fields[name].widget.attrs |= {
                    "hx-get": card_url,
                    "hx-trigger": "change",
                    "hx-target": "#guidance-card",
                    "hx-swap": "outerHTML",
                    "hx-include": "#contact-form [name=topic], #contact-form [name=channel]",
                }
        topic: Any = self.fields["topic"]
        topic.choices = [("", "–"), *TopicTree.read().choices(timezone.localdate())]

    @staticmethod
    def fresh(*, in_store: bool, going: Conversation | None = None) -> dict[str, Any]:
        """What a new form begins with, in the conversation that is going on or in none."""
        return {
            "conversation": going.key if going else new_id(),
            "channel": usual_channel(in_store=in_store, going=going),
            "direction": ContactMoment.Direction.INBOUND,
        }

    def details(self) -> list[forms.BoundField]:
        """What is asked only of those who want to say more."""
        return [self[name] for name in ("channel", "direction", "order_number")]

    def asking(self) -> list[forms.BoundField]:
        """The fields of a question to somebody else."""
        return [self[name] for name in ("ask_store", "ask_desk", "question") if name in self.fields]

    @property
    def asks(self) -> bool:
        return any(field.value() or field.errors for field in self.asking())

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("question") and not (said.get("ask_store") or said.get("ask_desk")):
            self.add_error("ask_store" if "ask_store" in self.fields else "ask_desk", _("Choose who is asked."))
        if (said.get("ask_store") or said.get("ask_desk")) and not said.get("question"):
            self.add_error("question", _("Write down what they are asked."))
        return said

    def clean_conversation(self) -> uuid.UUID:
        conversation: uuid.UUID = self.cleaned_data["conversation"]
        return conversation


class CallerForm(FindForm):
    """Whom one is talking to, and by what."""

    channel = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=[choice for choice in ContactMoment.Channel.choices if choice[0] != ContactMoment.Channel.STORE],
        initial=ContactMoment.Channel.PHONE,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        channel = self.base_fields["channel"]
        super().__init__(*args, **kwargs)
        self.fields["channel"] = channel

    @property
    def attempts(self) -> list[dict[str, str]]:
        channel = self.cleaned_data.pop("channel", "")
        try:
            return super().attempts
        finally:
            self.cleaned_data["channel"] = channel


class AnswerForm(forms.Form):
    """The answer to a question."""

    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "data-send": "", "autofocus": True}),
        help_text=gettext_lazy("Whoever asked reads it on the customer's page."),
    )


class TopicForm(forms.Form):
    """A topic in the tree."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9_]*\Z",
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("What systems send: small letters, digits and underscores. It never changes."),
    )
    parent = forms.ModelChoiceField(
        label=gettext_lazy("Part of"),
        queryset=Topic.objects.filter(parent=None),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("nothing: it stands at the top"),
    )
    words = forms.CharField(
        label=gettext_lazy("Also called"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Words by which other systems mean this, with commas between them."),
    )
    order = forms.IntegerField(label=gettext_lazy("Place"), min_value=0, max_value=9999, initial=100)
    active_from = forms.DateField(label=gettext_lazy("From"), widget=DayInput, initial=timezone.localdate)
    active_until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=DayInput,
        required=False,
        help_text=gettext_lazy("From this day nothing new is about it."),
    )

    says_optional = True

    def __init__(self, *args: Any, topic: Topic | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, label in reversed(LANGUAGES.items()):
            name = _("Name in %(language)s") % {"language": label}
            self.fields[f"name_{language}"] = forms.CharField(
                label=name, max_length=60, required=language in ("nl", "en")
            )
        names = [f"name_{language}" for language in LANGUAGES]
        self.order_fields(["code", *names, "parent"])
        if topic is not None:
            del self.fields["code"]

    @property
    def names(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"name_{language}"].strip() for language in LANGUAGES}
