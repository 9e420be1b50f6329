"""Parcels one by one: the label, the number from the carrier's counter, leaving, unpacking, booking again."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.languages import known_locale
from apps.orders.carriers.known import carrier_name
from apps.orders.models import Order, OrderLine, Parcel
from apps.orders.services.booking import book_again
from apps.orders.services.packing import note_tracking, unpack
from apps.orders.services.shipping import let_leave
from apps.orders.views.own import OrderHere
from apps.portal.pages import ActionPage, FormPage

LABEL_TYPES = {"application/pdf": "pdf", "image/png": "png"}


class ParcelHere(OrderHere, abstract=True):
    """A parcel that stands in one's own stores, or left there."""

    permission = "orders.fulfil"

    @cached_property
    def parcel(self) -> Parcel:
        parcels = Parcel.objects.filter(order=self.object, number=self.kwargs["parcel"])
        if self.places is not None:
            parcels = parcels.filter(location__in=self.places)
        found = parcels.select_related("location").prefetch_related("lines__order_line").first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parcel = self.parcel
        return super().get_context_data(**kwargs) | {"parcel": parcel, "carrier": carrier_name(parcel.carrier)}

    @property
    def ship_page(self) -> str:
        return self.with_list(reverse("orders:ship", kwargs={"number": self.object.number}))

    def get_success_url(self, result: Any) -> str:
        return self.ship_page


class ParcelAct(ParcelHere, ActionPage, abstract=True):
    """A step on one parcel."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"back_url": self.ship_page}

    def lines_at_hand(self) -> QuerySet[OrderLine]:
        return OrderLine.objects.all()


class ParcelLabel(ParcelHere):
    """The carrier's own label, or an address label with our bar code; only while the parcel stands here."""

    template_name = "orders/parcel_label.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        parcel = self.parcel
        if not parcel.is_here:
            raise Http404
        if parcel.label and parcel.label_type in LABEL_TYPES:
            response = HttpResponse(bytes(parcel.label), content_type=parcel.label_type)
            name = f"{parcel.number}.{LABEL_TYPES[parcel.label_type]}"
            response["Content-Disposition"] = f'inline; filename="{name}"'
            return response
        return super().get(request, *args, **kwargs)

    def get_title(self) -> Any:
        return _("Label %(number)s") % {"number": self.parcel.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "written_in": known_locale(self.object.channel.locale),
            "back_url": self.ship_page,
            "back_label": self.object.number,
        }


class ParcelLeft(ParcelAct):
    """This parcel has left; the others go when they go."""

    button = gettext_lazy("Parcel has left")

    def get_question(self) -> Any:
        return _("Parcel %(number)s has left?") % {"number": self.parcel.number}

    def act(self) -> Order:
        return let_leave(number=self.parcel.number, actor=actor_of(self.request.user))

    def get_success_message(self, result: Order) -> Any:
        return _("Parcel %(number)s is on its way.") % {"number": self.parcel.number}


class UnpackParcel(ParcelAct):
    """Take the goods out again."""

    button = gettext_lazy("Unpack")

    def get_question(self) -> Any:
        return _("Unpack parcel %(number)s?") % {"number": self.parcel.number}

    def get_effect(self) -> Any:
        return _("Its goods can go into another parcel. At an outside carrier the booking is not called off.")

    def act(self) -> Order:
        unpack(number=self.parcel.number, actor=actor_of(self.request.user))
        order: Order = self.object
        return order

    def get_success_message(self, result: Any) -> Any:
        return _("Parcel %(number)s is unpacked.") % {"number": self.parcel.number}


class BookAgain(ParcelAct):
    """Ask the carrier once more."""

    button = gettext_lazy("Try again")

    def get_question(self) -> Any:
        return _("Book parcel %(number)s again?") % {"number": self.parcel.number}

    def act(self) -> Order:
        book_again(number=self.parcel.number, actor=actor_of(self.request.user))
        order: Order = self.object
        return order

    def get_success_message(self, result: Any) -> Any:
        return _("Parcel %(number)s is being booked.") % {"number": self.parcel.number}


class TrackingForm(forms.Form):
    """What the carrier's counter gave."""

    tracking_number = forms.CharField(
        label=gettext_lazy("Tracking number"),
        max_length=60,
        help_text=gettext_lazy("Type it, or scan it from the carrier's label."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    service = forms.CharField(label=gettext_lazy("Sent with"), max_length=40, required=False)
    tracking_url = forms.URLField(
        label=gettext_lazy("Tracking link"), max_length=400, required=False, assume_scheme="https"
    )


class NoteTracking(ParcelHere, FormPage):
    """Write down the number of a parcel that somebody took to a carrier."""

    form_class = TrackingForm

    def get_title(self) -> Any:
        return _("Tracking number of parcel %(number)s") % {"number": self.parcel.number}

    def get_initial(self) -> dict[str, Any]:
        fields = ("tracking_number", "service", "tracking_url")
        return {field: getattr(self.parcel, field) for field in fields}

    def perform(self, form: TrackingForm) -> None:
        note_tracking(number=self.parcel.number, **form.cleaned_data, actor=actor_of(self.request.user))

    def get_success_message(self, result: Any) -> Any:
        return _("The tracking number is kept.")
