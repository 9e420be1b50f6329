"""What the API accepts for orders. Strict: unknown types, absurd lengths and impossible numbers never reach a service."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.accounts.api_fields import Amount, Percentage, Quantity, SomeQuantity, UnitPrice
from apps.core.money import CENT
from apps.customers.models import Consent
from apps.customers.serializers import PersonAddressSerializer, PersonSerializer, person_from, source_terms
from apps.customers.services.people import Person
from apps.inventory.models import Speed
from apps.network.models import Channel
from apps.orders.carriers.known import BY_HAND
from apps.orders.models import ChargeType, IfShort, Method, PaymentTerms, Proof, Refusal
from apps.orders.models.refusals import GIVEN
from apps.orders.services.packing import Packed
from apps.orders.services.types import Identified, OrderDocument, OrderedCharge, OrderedLine, SaidAtOrder
from apps.payments.services.types import Tendered
from apps.portal.pages.explaining import LONGEST_REASON

SOURCES = ["store", "any"]


class FulfilmentSerializer(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=[Method.COLLECT, Method.DELIVERY])
    location = serializers.CharField(max_length=16, required=False, allow_null=True, default=None)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this serializer, not where it reads from
        choices=SOURCES,
        required=False,
        default="store",
        help_text="Where what is collected may come from: the store itself, or any location, which sends it to the store.",
    )
    if_short = serializers.ChoiceField(
        choices=["ask", *IfShort.values],
        required=False,
        default="ask",
        help_text="What the customer wants when the store cannot find what they collect: `send_on` from elsewhere to the store, "
        "`deliver` to the address, `cancel` and pay back; else, and when that cannot be, the desk asks them.",
    )
    address = PersonAddressSerializer(required=False, allow_null=True, default=None)
    speed = serializers.ChoiceField(choices=Speed.choices, required=False, default=Speed.STANDARD)
    delivery_on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The day at the door that the customer was told; left out, the order is promised what its locations can.",
    )
    slot = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
        help_text="The time at which a store brings it, an id of `delivery-slots/`. The goods come from that store, or the "
        "order is refused; it never waits for what is to come.",
    )
    collector = serializers.CharField(
        max_length=160,
        required=False,
        allow_blank=True,
        allow_null=True,
        default="",
        help_text="Name of somebody else who collects the order, by identification or with the code.",
    )


class LineFulfilmentSerializer(serializers.Serializer[Any]):
    """How the customer gets one line, where that is not how they get the rest."""

    method = serializers.ChoiceField(
        choices=Method.choices,
        help_text="`carry_out` for what is taken along from the store at once; wants a key with store:operate there.",
    )
    location = serializers.CharField(
        max_length=16,
        required=False,
        allow_null=True,
        default=None,
        help_text="The store of the order: all that is collected or taken along of one order is in one store.",
    )


class OrderedLineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=40)
    quantity = SomeQuantity()
    unit_price = UnitPrice()
    discount = Amount(min_value=Decimal(0), required=False, default=Decimal(0), help_text="For the whole line.")
    fulfilment = LineFulfilmentSerializer(
        required=False, allow_null=True, default=None, help_text="Left out: as the order."
    )


class ChargeSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=[ChargeType.DELIVERY, ChargeType.SERVICE, ChargeType.WRAPPING])
    amount = Amount(min_value=Decimal(0))
    vat_rate = Percentage(required=False, allow_null=True, default=None)


class PaymentSerializer(serializers.Serializer[Any]):
    method = serializers.CharField(max_length=24)
    status = serializers.ChoiceField(choices=["authorised", "captured", "pending"], default="captured")
    amount = Amount(min_value=CENT)
    provider = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


def tendered(data: dict[str, Any]) -> Tendered:
    """A payment from validated data."""
    return Tendered(data["method"], data["amount"], data["status"], data["provider"], data["reference"])


class PaymentsSerializer(serializers.Serializer[Any]):
    payments = serializers.ListField(child=PaymentSerializer(), allow_empty=False, max_length=20)


class ReferralSerializer(serializers.Serializer[Any]):
    store = serializers.CharField(max_length=16, required=False, allow_null=True, default=None)
    associate = serializers.CharField(max_length=32, required=False, allow_null=True, allow_blank=True, default="")
    code = serializers.CharField(max_length=32, required=False, allow_null=True, allow_blank=True, default="")


class LoyaltySerializer(serializers.Serializer[Any]):
    redeem_points = serializers.IntegerField(min_value=0, required=False, default=0)

    def validate_redeem_points(self, points: int) -> int:
        if points:
            raise serializers.ValidationError(_("Points cannot be redeemed yet; send 0."), code="not_supported")
        return points


class OrderConsentSerializer(serializers.Serializer[Any]):
    """What the customer said about a purpose while ordering."""

    purpose = serializers.ChoiceField(choices=Consent.Purpose.choices)
    basis = serializers.ChoiceField(
        choices=Consent.Basis.choices,
        required=False,
        default=Consent.Basis.CONSENT,
        help_text="`consent` for a box that was ticked, or not; `soft_opt_in` where nothing was asked, but the customer was told "
        "that you write to the e-mail address of this order about similar goods and could object: `given` is false where "
        "they did. It goes for the newsletter alone, and never overrules a word of the customer.",
    )
    given = serializers.BooleanField()
    text_version = serializers.CharField(max_length=32, help_text="Of the words that they saw.")
    locale = serializers.CharField(max_length=8, required=False, allow_blank=True, default="")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["basis"] == Consent.Basis.SOFT_OPT_IN and data["purpose"] != Consent.Purpose.NEWSLETTER:
            said = serializers.ErrorDetail(_("This purpose wants consent: a purchase is not enough."), "wants_consent")
            raise serializers.ValidationError({"basis": said})
        return data


class OrderSerializer(serializers.Serializer[Any]):
    """What a webshop sends to place an order."""

    external_id = serializers.CharField(max_length=128)
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField(min_length=3, max_length=3)
    customer = PersonSerializer(required=False, allow_null=True, default=None)
    fulfilment = FulfilmentSerializer()
    lines = serializers.ListField(child=OrderedLineSerializer(), allow_empty=False, max_length=500)
    charges = serializers.ListField(child=ChargeSerializer(), required=False, default=list, max_length=20)
    payment_terms = serializers.ChoiceField(choices=PaymentTerms.choices, default=PaymentTerms.PREPAID)
    payments = serializers.ListField(child=PaymentSerializer(), required=False, default=list, max_length=20)
    referral = ReferralSerializer(required=False, allow_null=True, default=None)
    reservation = serializers.UUIDField(required=False, allow_null=True, default=None)
    back_orders = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Whether what is not in stock may wait for what suppliers announced (`expected` of availability).",
    )
    loyalty = LoyaltySerializer(required=False, allow_null=True, default=None)
    consents = serializers.ListField(
        child=OrderConsentSerializer(),
        required=False,
        default=list,
        max_length=len(Consent.Purpose.choices),
        help_text="What the customer said about mail and the like with this order, each purpose once.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        said = data["consents"]
        if len({one["purpose"] for one in said}) < len(said):
            raise serializers.ValidationError(
                {"consents": serializers.ErrorDetail(_("Name each purpose once."), "invalid")}
            )
        if said and not (data["customer"] or {}).get("email"):
            detail = _("Consent goes with the e-mail address that the customer left with the order.")
            raise serializers.ValidationError({"customer": {"email": serializers.ErrorDetail(detail, "required")}})
        return data


def order_document(data: dict[str, Any], *, channel: Channel, fingerprint: str) -> OrderDocument:
    """What a webshop ordered, from validated data."""
    fulfilment, referral = data["fulfilment"], data["referral"] or {}
    lines = [_ordered(line) for line in data["lines"]]
    is_sent = Method.DELIVERY in {line.method or fulfilment["method"] for line in lines}
    return OrderDocument(
        external_id=data["external_id"],
        placed_at=data["placed_at"],
        currency=data["currency"].upper(),
        method=fulfilment["method"],
        location=fulfilment["location"] or next((line.location for line in lines if line.location), None),
        from_anywhere=fulfilment["source"] == "any",
        if_short="" if fulfilment["if_short"] == "ask" else fulfilment["if_short"],
        speed=fulfilment["speed"] if is_sent else "",
        delivery_on=fulfilment["delivery_on"] if is_sent else None,
        slot=(fulfilment["slot"] or "").strip(),
        person=_person(data["customer"], fulfilment["address"], channel),
        lines=lines,
        charges=[OrderedCharge(c["type"], c["amount"], c["vat_rate"]) for c in data["charges"]],
        payment_terms=data["payment_terms"],
        payments=[tendered(p) for p in data["payments"]],
        referral_store=referral.get("store"),
        referral_associate=referral.get("associate") or "",
        referral_code=referral.get("code") or "",
        reservation=data["reservation"],
        back_orders=data["back_orders"],
        consents=[
            SaidAtOrder(
                one["purpose"],
                one["given"],
                one["text_version"],
                by_purchase=one["basis"] == Consent.Basis.SOFT_OPT_IN,
                locale=one["locale"],
            )
            for one in data["consents"]
        ],
        collector=(fulfilment["collector"] or "").strip(),
        fingerprint=fingerprint,
    )


def _ordered(line: dict[str, Any]) -> OrderedLine:
    way = line["fulfilment"] or {}
    return OrderedLine(
        line["sku"],
        line["quantity"],
        line["unit_price"],
        Decimal(line["discount"]),
        method=way.get("method", ""),
        location=way.get("location") or "",
    )


def _person(customer: dict[str, Any] | None, address: dict[str, Any] | None, channel: Channel) -> Person | None:
    """Who ordered, at the address of the delivery if there is one; without a country, in that of the channel."""
    if customer is None:
        return None
    place = address or customer.get("address") or {}
    place = place | {"country": place.get("country") or channel.country}
    return person_from(customer | {"address": place}, **source_terms(channel))


class CancelledPiecesSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1)
    quantity = Quantity(
        min_value=Decimal(0),
        help_text="How many of the line are cancelled in all then: the same again changes nothing.",
    )


class CancelSerializer(serializers.Serializer[Any]):
    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        allow_null=True,
        default=None,
        help_text="Lines to cancel whole; without these and `pieces` all of them.",
    )
    pieces = serializers.ListField(
        child=CancelledPiecesSerializer(), required=False, allow_null=True, default=None, max_length=500
    )
    reason = serializers.CharField(
        max_length=LONGEST_REASON,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why, for the audit trail of the order. No personal data.",
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        named = [*(data["lines"] or ()), *(part["line"] for part in data["pieces"] or ())]
        if data["pieces"] and len(set(named)) < len(named):
            said = serializers.ErrorDetail(_("Name each line once."), "invalid")
            raise serializers.ValidationError({"pieces": said})
        return data


class PickedLineSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1)
    quantity = Quantity(min_value=Decimal(0))


class _OfLines(serializers.Serializer[Any]):
    """What is about lines of an order, each of which is named once."""

    lines = PickedLineSerializer(many=True, required=False, allow_null=True, default=None)

    def validate_lines(self, lines: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        if lines is not None and len({ln["line"] for ln in lines}) < len(lines):
            raise serializers.ValidationError(_("Name each line once."), "invalid")
        return lines


class PickSerializer(_OfLines):
    """What was taken from the shelf; without `lines` all of it."""


class ShortSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(min_value=1, required=False, help_text="Left out: all that waits at this location.")
    reason = serializers.ChoiceField(GIVEN, required=False, default=Refusal.Reason.NOT_FOUND)


class HandOverSerializer(serializers.Serializer[Any]):
    collect_code = serializers.CharField(max_length=12, required=False, default="")
    identified_by = serializers.ChoiceField(
        choices=[choice for choice in Proof.choices if choice[0] != Proof.CODE],
        required=False,
        help_text="Instead of the code: the kind of document that was shown. Never its number.",
    )
    to_collector = serializers.BooleanField(
        required=False, default=False, help_text="Whether it is the document of who the customer named to collect."
    )
    payments = serializers.ListField(child=PaymentSerializer(), required=False, default=list, max_length=20)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not data["collect_code"] and "identified_by" not in data:
            raise serializers.ValidationError(
                {"collect_code": serializers.ErrorDetail(_("Send the code, or what was shown instead."), "required")}
            )
        return data


def identified(data: dict[str, Any]) -> Identified | None:
    """The document that was shown instead of the code, from validated data."""
    return Identified(data["identified_by"], data["to_collector"]) if "identified_by" in data else None


class PackedSerializer(_OfLines):
    """A parcel as it was packed. Without `lines` it holds all that no other parcel does."""

    carrier = serializers.CharField(max_length=32, required=False, default=BY_HAND.code)
    service = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    tracking_number = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    tracking_url = serializers.URLField(max_length=400, required=False, allow_blank=True, default="")
    weight = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, allow_null=True, default=None, help_text="In grams."
    )


class PackSerializer(serializers.Serializer[Any]):
    parcels = serializers.ListField(child=PackedSerializer(), min_length=1, max_length=50)


class ShipSerializer(serializers.Serializer[Any]):
    parcels = serializers.ListField(child=PackedSerializer(), required=False, default=list, max_length=50)


def packed_parcels(data: dict[str, Any]) -> list[Packed]:
    """Parcels out of validated data."""
    return [
        Packed(
            **{name: value for name, value in each.items() if name != "lines"},
            contents=None if each["lines"] is None else {ln["line"]: ln["quantity"] for ln in each["lines"]},
        )
        for each in data["parcels"]
    ]
