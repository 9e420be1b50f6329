"""Sending from the store: what was picked goes into parcels, and leaves."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.core.reach import reach_of
from apps.orders.acts import is_possible, shippable
from apps.orders.carriers.known import BY_HAND, carrier_name, carriers
from apps.orders.models import LineStatus, Order, OrderLine, Parcel, ParcelStatus
from apps.orders.services.packing import Packed, pack, still_to_pack
from apps.orders.services.shipping import ship
from apps.orders.views.own import OrderHere
from apps.orders.waiting import TO_PICK
from apps.orders.ways import sent
from apps.portal import formats
from apps.portal.pages import ActionPage

TONES = {
    ParcelStatus.ASKED: "busy",
    ParcelStatus.BOOKED: "wait",
    ParcelStatus.FAILED: "bad",
    ParcelStatus.LEFT: "busy",
    ParcelStatus.DELIVERED: "ok",
    ParcelStatus.UNPACKED: "idle",
}


def parcel_rows(parcels: Any) -> list[tuple[Parcel, str, str]]:
    """Parcels with their tone and the carrier in words; what was unpacked is no parcel any more."""
    return [
        (parcel, TONES[ParcelStatus(parcel.status)], parcel.service or carrier_name(parcel.carrier))
        for parcel in parcels
        if parcel.status != ParcelStatus.UNPACKED
    ]


class ParcelForm(forms.Form):
    """The next parcel: with whom it goes, what it weighs, and how much of each line is in it (all, unless said otherwise)."""

    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"), choices=(), required=False)
    service = forms.CharField(
        label=gettext_lazy("Sent with"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("For instance PostNL or DHL; the customer reads it."),
    )
    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Type it, or scan it from the carrier's label. It can be added later."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    weight = forms.IntegerField(label=gettext_lazy("Weight in grams"), required=False, min_value=1, max_value=100_000)

    def __init__(self, *args: Any, lines: list[OrderLine], rest: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        carrier = self.fields["carrier"]
        assert isinstance(carrier, forms.ChoiceField)
        carrier.choices = [(code, each.name) for code, each in carriers().items()]
        if len(carrier.choices) == 1:
            del self.fields["carrier"]
        self.lines = [line for line in lines if line.line in rest]
        for line in self.lines if len(self.lines) > 1 or any(rest[line.line] > 1 for line in self.lines) else ():
            most = rest[line.line]
            self.fields[f"line-{line.line}"] = forms.DecimalField(
                label=_("%(name)s, of %(quantity)s") % {"name": line.name, "quantity": formats.quantity(most)},
                min_value=0,
                max_value=most,
                max_digits=12,
                decimal_places=3,
                initial=formats.quantity(most),
                localize=True,
                required=False,
            )

    @property
    def packed(self) -> Packed:
        """What was packed; wants validated data."""
        given = self.cleaned_data
        chosen = {line.line: given.get(f"line-{line.line}") for line in self.lines}
        said = {line: quantity for line, quantity in chosen.items() if quantity is not None}
        return Packed(
            carrier=given.get("carrier") or BY_HAND.code,
            service=given["service"],
            tracking_number=given["tracking_number"],
            weight=given["weight"],
            contents=said or None,
        )


class Ship(OrderHere, ActionPage):
    """The address, the parcels that stand packed, and the next one. POST packs, and unless told otherwise says that all left.

    What other locations send is not in it.
    """

    permission = "orders.fulfil"
    template_name = "orders/ship.html"
    button = gettext_lazy("Parcel has left")

    def get_question(self) -> Any:
        return _("Parcel for order %(number)s") % {"number": self.object.number}

    def get_template_names(self) -> list[str]:
        return [self.template_name]

    @cached_property
    def rest(self) -> dict[int, Any]:
        return still_to_pack(list(self.object.lines.all()))

    def get_form(self, data: Any = None) -> ParcelForm:
        return ParcelForm(data, lines=list(self.object.lines.all()), rest=self.rest)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [line for line in sent(self.object.lines.all()) if line.status in TO_PICK]
        parcels = self.object.parcels.filter(reach_of(self.request.user).q("location"))
        rows = parcel_rows(parcels.prefetch_related("lines__order_line"))
        return super().get_context_data(**kwargs) | {
            "lines": [(line, self.rest[line.line]) for line in lines if line.line in self.rest],
            "parcels": rows,
            "waits_for_carrier": any(parcel.status == ParcelStatus.ASKED for parcel, _tone, _carrier in rows),
            "form": self.get_form() if self.rest else None,
            "to_pick": bool(lines),
            "is_ready": is_possible(shippable, self.object, self.object.lines.all()),
            "is_gone": any(line.status == LineStatus.SHIPPED for line in self.object.lines.all()),
        }

    def act(self) -> Order:
        order, actor, posted = self.object, actor_of(self.request.user), self.request.POST
        form = self.get_form(posted)
        if not form.is_valid():
            name, faults = next(iter(form.errors.items()))
            label = form.fields[name].label if name in form.fields else ""
            raise InvalidInput(f"{label}: {faults[0]}" if label else str(faults[0]))
        packed = form.packed
        self.stays = "pack" in posted or packed.carrier != BY_HAND.code
        if self.stays:
            pack(number=order.number, packed=packed, places=self.places, actor=actor)
            return order
        next_one = [packed] if self.rest else []
        return ship(number=order.number, parcels=next_one, places=self.places, actor=actor)

    def get_success_message(self, result: Order) -> Any:
        if self.stays:
            return _("The parcel is packed.")
        return _("The parcel of order %(number)s is on its way.") % {"number": result.number}

    def done(self, result: Any) -> HttpResponse:
        del self.object  # read again what the service wrote
        self.__dict__.pop("rest", None)
        return super().done(result)

    def get_success_url(self, result: Any) -> str:
        if self.rest or self.stays:
            return self.with_list(reverse("orders:ship", kwargs={"number": self.object.number}))
        return self.get_object_url() if self.list_behind.address else reverse("orders:pick-list")
