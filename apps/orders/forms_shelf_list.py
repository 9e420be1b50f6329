"""What goes on a shelf list, and to whom it is mailed."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inventory.typed_goods import LONGEST_TEXT
from apps.network.models import Location
from apps.portal.filters import LongSelect


class InStoreForm(forms.Form):
    """In which store the customer looks for it."""

    location = forms.ModelChoiceField(
        label=gettext_lazy("Store"),
        queryset=Location.objects.filter(kind=Location.Kind.STORE),
        to_field_name="code",
        widget=LongSelect,
        empty_label=gettext_lazy("choose one"),
        required=False,
    )

    says_optional = False

    @property
    def store(self) -> Location | None:
        """The store that was chosen, if any."""
        return self.cleaned_data.get("location") if self.is_bound and self.is_valid() else None


class ShelfListForm(InStoreForm):
    """Which articles, and in which store."""

    goods = forms.CharField(
        label=gettext_lazy("Goods"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=gettext_lazy(
            "One product a line: SKU or bar code, then how many (nothing: one). A scanner can type here."
        ),
        widget=forms.Textarea(
            {"rows": 4, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class MailShelfListForm(forms.Form):
    """To which address the list goes; none for the customer of the order."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    address = forms.EmailField(label=gettext_lazy("E-mail address of the customer"), max_length=254, required=False)

    def __init__(self, *args: Any, is_for_order: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self.fields["address"].required = not is_for_order
        self.fields["address"].help_text = (
            _("Empty: the address on the order.")
            if is_for_order
            else _("Used for this one mail. It says nothing that the customer did not ask for.")
        )
