"""Forms of the service desk."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.service.models import ContactMoment, Topic


class ContactForm(forms.Form):
    """A conversation to write down. `conversation` makes that a double click writes one."""

    conversation = forms.UUIDField(widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("By"), choices=ContactMoment.Channel.choices)
    direction = forms.ChoiceField(label=_("Who began"), choices=ContactMoment.Direction.choices)
    topic = forms.ChoiceField(label=_("About"), choices=Topic.choices)
    order_number = forms.CharField(label=_("Order"), max_length=16, required=False)
    text = forms.CharField(
        label=_("What was said and agreed"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    minutes = forms.IntegerField(label=_("Minutes it took"), min_value=0, max_value=600, required=False)

    says_optional = True

    @staticmethod
    def fresh(*, in_store: bool) -> dict[str, Any]:
        """What a new form begins with."""
        return {
            "conversation": new_id(),
            "channel": ContactMoment.Channel.STORE if in_store else ContactMoment.Channel.PHONE,
            "direction": ContactMoment.Direction.INBOUND,
            "topic": Topic.ORDER_STATUS,
        }

    def clean_conversation(self) -> str:
        conversation: uuid.UUID = self.cleaned_data["conversation"]
        return str(conversation)
