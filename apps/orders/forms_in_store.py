"""The form with which somebody in a store orders for a customer."""

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.inventory.standing import Standing
from apps.inventory.typed_goods import LONGEST_TEXT, goods_in
from apps.network.models import Location
from apps.orders.models import Method
from apps.orders.tenders import AT_THE_COUNTER
from apps.portal import formats

HERE, SENT_HERE, POSTED = "here", "sent-here", "delivery"
LATER = ""
_MOST = 999


def _goods_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_TEXT,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(
            {"rows": 2, "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class OrderInStoreForm(forms.Form):
    """How many, for whom, where it goes, and how it is paid. `method` is HERE, SENT_HERE, POSTED or the code of another
    store. `also` is what else is in the same basket, each with the way it goes itself."""

    ABOUT_A_PERSON: ClassVar[tuple[str, ...]] = (
        "first_name",
        "last_name",
        "email",
        "phone",
        "street",
        "house_number",
        "postcode",
        "city",
    )
    WAYS: ClassVar[dict[str, str]] = {
        "takes_along": Method.CARRY_OUT,
        "collects": Method.COLLECT,
        "gets_sent": Method.DELIVERY,
    }
    _ADDRESS = ("street", "house_number", "postcode", "city")

    token = forms.UUIDField(widget=forms.HiddenInput)
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), min_value=Decimal("0.001"), max_value=_MOST, decimal_places=3, localize=True
    )
    method = forms.ChoiceField(label=gettext_lazy("How the customer gets it"), widget=forms.RadioSelect)
    back_orders = forms.BooleanField(
        label=gettext_lazy("What is not there may be sent later"),
        required=False,
    )
    takes_along = _goods_field(
        gettext_lazy("Takes along now"),
        gettext_lazy("One product a line: SKU or bar code, then how many (nothing: one). A scanner can type here."),
    )
    collects = _goods_field(gettext_lazy("Collects as well"))
    gets_sent = _goods_field(gettext_lazy("Gets sent as well"))
    identifier = forms.CharField(
        label=gettext_lazy("What the customer says or shows"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("Card, e-mail address or phone of somebody we know. Otherwise fill in who it is for."),
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=60, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    street = forms.CharField(label=gettext_lazy("Street"), max_length=80, required=False)
    house_number = forms.CharField(label=gettext_lazy("House number"), max_length=24, required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=10, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=60, required=False)
    paid_with = forms.ChoiceField(
        label=gettext_lazy("Payment"),
        choices=[(LATER, gettext_lazy("When it is collected")), *AT_THE_COUNTER],
        required=False,
        widget=forms.RadioSelect,
        initial=LATER,
    )

    def __init__(self, *args: Any, store: Location, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)
        here = standing.sellable_here
        is_here = store.offers_collect and here > 0
        can_be_sent_here = store.offers_collect and standing.delivery > 0
        self.initial.setdefault("method", HERE if is_here else POSTED)
        told = {"store": store, "count": formats.quantity(here)}
        field.choices = [
            *([(HERE, _("Collect in %(store)s, %(count)s here") % told)] if is_here else []),
            *([(SENT_HERE, _("Sent to %(store)s and collected here") % told)] if can_be_sent_here else []),
            *((near.location.code, _elsewhere(near)) for near in standing.nearby if _offers_collect(near)),
            (POSTED, _("Sent to their address")),
        ]
        if standing.expected:
            day, quantity = standing.expected[0]
            coming = {"count": formats.quantity(quantity), "day": formats.when(day)}
            self.fields["back_orders"].help_text = (
                _("%(count)s come in on %(day)s, and go to who waits for them.") % coming
            )
        else:
            del self.fields["back_orders"]
        for name in ("identifier", *self.ABOUT_A_PERSON):
            self.fields[name].widget.attrs |= {"autocomplete": "off"}
        self.fields["phone"].widget.input_type = "tel"
        self.fields["quantity"].widget.attrs |= {"inputmode": "decimal"}

    @property
    def basket_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.WAYS]

    @property
    def has_more(self) -> bool:
        """Whether the fields about the rest of the basket must be seen."""
        return any(field.errors or field.data for field in self.basket_fields)

    @property
    def person_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ABOUT_A_PERSON]

    @property
    def asks_who(self) -> bool:
        """Whether the fields about a person must be seen: something is in them, or missing."""
        return any(field.errors or field.data for field in self.person_fields)

    def _also(self, given: dict[str, Any]) -> list[tuple[Variant, Decimal, str]]:
        found = []
        for name, way in self.WAYS.items():
            try:
                goods = goods_in(given.get(name, ""), variants=Variant.objects.all())
            except ValidationError as error:
                self.add_error(name, error)
                goods = []
            for variant, quantity in goods:
                if quantity <= 0 or (quantity % 1 and not variant.allows_fractions):
                    self.add_error(name, _("This is sold by the piece: send a whole number."))
                found.append((variant, quantity, str(way)))
        if given.get("takes_along") and given.get("method") not in {HERE, SENT_HERE, POSTED}:
            self.add_error("takes_along", _("Who takes something along collects the rest here, or gets it sent."))
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["also"] = self._also(given)
        if not (given.get("identifier") or given.get("email") or given.get("phone")) and not self.errors:
            self.add_error("identifier", _("Say who it is for: by something we know them by, or by e-mail or phone."))
        if given.get("takes_along") and given.get("paid_with", LATER) == LATER:
            self.add_error("paid_with", _("What is taken along is paid now: card or cash."))
        if given.get("method") == POSTED or given.get("gets_sent"):
            for name in self._ADDRESS:
                if not given.get(name):
                    self.add_error(name, _("A parcel needs the whole address."))
            if given.get("paid_with", LATER) == LATER and not given.get("takes_along"):
                self.add_error("paid_with", _("A parcel is paid before it leaves: card or cash."))
        return given


def _offers_collect(near: Any) -> bool:
    return bool(near.location.offers_collect and near.location.is_active and near.location.kind == Location.Kind.STORE)


def _elsewhere(near: Any) -> str:
    km = "" if near.km is None else formats.quantity(str(near.km))
    there = {"store": near.location.name, "count": formats.quantity(near.available), "km": km}
    if not km:
        return _("Collect in %(store)s, %(count)s there") % there
    return _("Collect in %(store)s, %(km)s km, %(count)s there") % there
