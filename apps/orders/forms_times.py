"""Choosing at which time an order is brought."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.inventory.services.slots import Offer
from apps.orders.promised import time_in_words
from apps.portal import formats


class ChooseTimeForm(forms.Form):
    """A time that can still be chosen, or none."""

    PARCEL = "parcel"

    slot = forms.ChoiceField(
        label=gettext_lazy("When the customer would like it"),
        choices=(),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], may_be_parcel: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["slot"]
        assert isinstance(field, forms.ChoiceField)
        places = {offer.place.id: offer for offer in offers}
        if len(places) == 1:  # one store is said once
            [only] = places.values()
            field.help_text = _("All brought by %(store)s, %(km)s km away.") % {
                "store": only.place.name,
                "km": formats.quantity(str(only.km)),
            }
        choices = [(offer.times.id, _described(offer, with_store=len(places) > 1)) for offer in offers]
        field.choices = [*choices, *([(self.PARCEL, _("As a parcel, without a time"))] if may_be_parcel else [])]

    @property
    def chosen(self) -> str:
        """The id of the chosen time; blank for a parcel."""
        slot: str = self.cleaned_data["slot"]
        return "" if slot == self.PARCEL else slot


def _described(offer: Offer, *, with_store: bool) -> str:
    left = ngettext("%(n)s place left", "%(n)s places left", offer.left) % {"n": formats.quantity(offer.left)}
    time = time_in_words(offer.times.starts_at, offer.times.ends_at, time_zone=offer.place.time_zone)
    if not with_store:
        return f"{time}, {left}"
    return _("%(time)s, by %(store)s at %(km)s km, %(left)s") % {
        "time": time,
        "store": offer.place.name,
        "km": formats.quantity(str(offer.km)),
        "left": left,
    }
