"""A stock count from a file: one row a SKU of one location. What is not in the file was not counted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from rest_framework import serializers

from apps.accounts.api_fields import Quantity
from apps.catalogue.gtins import InvalidGtin, parse_gtin
from apps.catalogue.models import Gtin, Variant
from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.core.inbox.documents import Flaw
from apps.core.reach import reach_of
from apps.inventory.services.counting import ZERO, Expected, book_count, expected_at
from apps.network.models import Location
from apps.portal import formats
from apps.portal.importing.kinds import Difference, ImportColumn, ImportKind, Planned, Problem, Row, Session

UNKNOWN = Flaw(
    "unknown_sku",
    gettext_noop("There is no SKU or GTIN “%(value)s”."),
    gettext_noop("Check the code on the label; a new product has to be in the catalogue first."),
)
FRACTION = Flaw(
    "fraction",
    gettext_noop("%(value)s is no whole number, and this is counted in pieces."),
    gettext_noop("Write a whole number."),
)


class CountRow(serializers.Serializer[Any]):
    """How many of a SKU were counted, and on which shelf."""

    code = serializers.CharField(max_length=40)
    counted = Quantity(min_value=Decimal(0))
    place = serializers.CharField(max_length=16, required=False)


class CountOptions(forms.Form):
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location.objects.all(), to_field_name="code"
    )
    counted_at = forms.DateTimeField(
        label=gettext_lazy("Counted at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Empty: now. What was sold or received after that moment is taken into account."),
    )

    def clean_counted_at(self) -> dt.datetime:
        at: dt.datetime = self.cleaned_data["counted_at"] or timezone.now()
        if at > timezone.now():
            raise ValidationError(_("A count cannot have been in the future."))
        return at


class CountImport(ImportKind):
    name = "stock-count"
    label = gettext_lazy("Import a stock count")
    intro = gettext_lazy("One row for each SKU that was counted. A SKU that is not in the file is left alone.")
    permission = "inventory.count_approve"
    serializer_class = CountRow
    options_form = CountOptions
    asks_reason = True
    back = ("inventory:stock", gettext_lazy("Stock"))
    columns = (
        ImportColumn(
            "code",
            gettext_lazy("SKU or GTIN"),
            "WM-1001",
            gettext_lazy("By which the variant is recognised."),
            ("sku", "gtin", "ean", "artikel", "artikelnummer", "barcode", "streepjescode", "code"),
            required=True,
        ),
        ImportColumn(
            "counted",
            gettext_lazy("Counted"),
            "12",
            gettext_lazy("How many lie there, fit to be sold; 0 when there are none."),
            ("quantity", "count", "aantal", "geteld", "voorraad", "stock", "qty"),
            required=True,
        ),
        ImportColumn(
            "place",
            gettext_lazy("Shelf"),
            "A-12-3",
            gettext_lazy("Where they lie; noted for whoever looks for them."),
            ("schap", "plek", "bin", "locatie", "stelling"),
        ),
    )

    def suggest_options(self, store: Location | None) -> dict[str, Any]:
        return {"location": store}

    def keep_options(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {"location": cleaned["location"].code, "counted_at": cleaned["counted_at"].isoformat()}

    def recall_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {**options, "counted_at": parse_datetime(options["counted_at"])} if options else {}

    def say_options(self, options: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        location = Location.objects.filter(code=options["location"]).first()
        return [
            (_("Location"), location or options["location"]),
            (_("Counted at"), formats.when(parse_datetime(options["counted_at"]))),
        ]

    def begin(self, *, options: Mapping[str, Any], principal: Any, reference: str) -> "CountSession":
        reach = reach_of(principal)
        location = Location.objects.visible_to(principal).filter(reach.q("pk"), code=options["location"]).first()
        counted_at = parse_datetime(options["counted_at"])
        if location is None or counted_at is None:
            raise InvalidInput(_("You cannot count in %(location)s.") % {"location": options["location"]})
        return CountSession(location, counted_at, reference, actor_of(principal))


@dataclass
class Counted:
    """A variant, how many there are of it, and on which shelf."""

    variant: Variant
    quantity: Decimal
    place: str


class CountSession(Session):
    """One pass over a count. What was counted is booked at the end, as one document."""

    def __init__(self, location: Location, counted_at: dt.datetime, reference: str, actor: str) -> None:
        self.location = location
        self.counted_at = counted_at
        self.reference = reference
        self.actor = actor
        self.counted: dict[int, Decimal] = {}
        self.shelves: dict[int, dict[str, Decimal]] = {}

    def plan(self, rows: Sequence[Row]) -> list[Planned]:
        variants = _variants_of({row.values["code"] for row in rows})
        expected = expected_at(
            location=self.location,
            moments={variant.pk: self.counted_at for variant in variants.values()},
        )
        return [self._plan(row, variants.get(row.values["code"]), expected) for row in rows]

    def _plan(self, row: Row, variant: Variant | None, expected: Mapping[int, Expected]) -> Planned:
        code, quantity = row.values["code"], row.values["counted"]
        if variant is None:
            return Planned(row.number, code, problems=[Problem("code", code, UNKNOWN)])
        planned = Planned(row.number, variant.sku, is_new=False)
        planned.data = Counted(variant, quantity, row.values.get("place", ""))
        if not variant.allows_fractions and quantity % 1:
            planned.problems.append(Problem("counted", f"{quantity:f}", FRACTION))
        before = expected[variant.pk].quantity if variant.pk in expected else None
        if quantity != (before or ZERO):
            planned.is_new = before is None
            planned.differences.append(
                Difference("counted", formats.quantity(before or ZERO), formats.quantity(quantity))
            )
        return planned

    def write(self, planned: Sequence[Planned]) -> None:
        for one in planned:
            counted: Counted = one.data
            self.counted[counted.variant.pk] = counted.quantity
            if counted.place:
                self.shelves[counted.variant.pk] = {counted.place: counted.quantity}

    def finish(self) -> str:
        document = book_count(
            location=self.location,
            counted=self.counted,
            reference=self.reference,
            counted_at=self.counted_at,
            actor=self.actor,
            shelves=self.shelves,
        )
        return document.get_absolute_url()


def _variants_of(codes: set[str]) -> dict[str, Variant]:
    """{code as written: variant}, by SKU in any case or by GTIN of any length."""
    spellings = {spelling for code in codes for spelling in (code, code.upper(), code.lower())}
    by_sku = {variant.sku: variant for variant in Variant.objects.filter(sku__in=spellings)}
    gtins: dict[str, str] = {}
    for code in codes:
        try:
            gtins[code] = parse_gtin(code)
        except InvalidGtin:
            continue
    by_gtin = {
        gtin.code: gtin.variant for gtin in Gtin.objects.filter(code__in=gtins.values()).select_related("variant")
    }
    found = {}
    for code in codes:
        variant = (
            by_sku.get(code) or by_sku.get(code.upper()) or by_sku.get(code.lower()) or by_gtin.get(gtins.get(code, ""))
        )
        if variant is not None:
            found[code] = variant
    return found
