"""What the API accepts as a ticket. Strict about shape, types and sizes; a till's amounts are its own facts."""

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.api_fields import Amount, Percentage, SomeQuantity, UnitPrice
from apps.portal.pages.viewing import view_field
from apps.tills.tickets import GOODS, LineType

MOST_TICKETS = 1000
MOST_OF_A_TOKEN = 200
# A till's figures are not recomputed, so their sizes leave room for what is multiplied or added up from them.
Pieces = partial(SomeQuantity, max_value=Decimal(100_000))
TillAmount = partial(Amount, max_digits=12)
TillPrice = partial(UnitPrice, max_digits=11)


class Text(serializers.CharField):
    """Text that may be left out, empty or null."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_blank=True, allow_null=True, default="", **options)


class TicketAddressSerializer(serializers.Serializer[Any]):
    postcode = Text(max_length=10)
    house_number = Text(max_length=12)
    house_number_suffix = Text(max_length=12)
    street = Text(max_length=80)
    city = Text(max_length=60)
    country = Text(max_length=2)


class TicketCustomerSerializer(serializers.Serializer[Any]):
    """Who bought, as typed at the till: a misspelt address is no reason to refuse the sale."""

    loyalty_card = Text(max_length=40)
    email = Text(max_length=254)
    phone = Text(max_length=40)
    account_id = Text(max_length=100)
    payment_token = Text(
        max_length=MOST_OF_A_TOKEN,
        help_text="What the terminal knows the payment card by (PAR or token), never the card's number. Kept only as a keyed "
        "digest and only of somebody who consented to be recognised by it; else dropped. Not part of what tells tickets apart.",
    )
    receipt = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Mail the customer a link to this receipt, at `email`.",
    )
    first_name = Text(max_length=60)
    last_name = Text(max_length=80)
    organisation = Text(max_length=120)
    address = TicketAddressSerializer(required=False, allow_null=True, default=None)


class TicketLineSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=[t.value for t in LineType])
    sku = Text(max_length=40)
    gtin = Text(max_length=20)
    quantity = Pieces(required=False, default=Decimal(1))
    unit_price = TillPrice(required=False, allow_null=True, default=None)
    discount = TillAmount(required=False, default=Decimal(0), min_value=Decimal(0))
    amount = TillAmount(required=False, allow_null=True, default=None)
    vat_rate = Percentage(required=False, allow_null=True, default=None)
    vat_amount = TillAmount(required=False, allow_null=True, default=None)
    order = Text(max_length=16)
    order_line = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2_000_000_000
    )
    associate = Text(max_length=32)
    description = Text(max_length=80)

    def validate(self, line: dict[str, Any]) -> dict[str, Any]:
        kind = LineType(line["type"])
        known_by_order = kind == LineType.RETURN and line["order"] and line["order_line"]
        if kind in GOODS and not line["sku"] and not line["gtin"] and not known_by_order:
            raise serializers.ValidationError({"sku": _("Name the SKU or the GTIN.")}, "required")
        if kind == LineType.COLLECT and not line["order"]:
            raise serializers.ValidationError({"order": _("Name the order that is collected.")}, "required")
        if line["amount"] is None and line["unit_price"] is None and kind != LineType.COLLECT:
            raise serializers.ValidationError({"unit_price": _("Give the unit price or the amount.")}, "required")
        return line


class TicketTenderSerializer(serializers.Serializer[Any]):
    method = serializers.CharField(max_length=24)
    amount = TillAmount()
    reference = Text(max_length=80)


class TicketSerializer(serializers.Serializer[Any]):
    """One canonical ticket of `POST sales/`."""

    store = serializers.CharField(max_length=16)
    till = serializers.CharField(max_length=16)
    sequence = serializers.IntegerField(min_value=0, max_value=2**62)
    business_date = serializers.DateField()
    occurred_at = serializers.DateTimeField()
    operator = Text(max_length=32)
    currency = serializers.CharField(min_length=3, max_length=3)
    customer = TicketCustomerSerializer(required=False, allow_null=True, default=None)
    rounding = TillAmount(required=False, default=Decimal(0), min_value=Decimal(-1), max_value=Decimal(1))
    lines: "serializers.ListSerializer[Any]" = serializers.ListSerializer(
        child=TicketLineSerializer(), allow_empty=False, max_length=500
    )
    tenders: "serializers.ListSerializer[Any]" = serializers.ListSerializer(
        child=TicketTenderSerializer(), required=False, default=list, max_length=20
    )

    def validate_business_date(self, day: dt.date) -> dt.date:
        if not dt.date(2000, 1, 1) <= day <= dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
            raise serializers.ValidationError(_("This is not a day between 2000 and tomorrow."), "out_of_range")
        return day

    def validate_occurred_at(self, at: dt.datetime) -> dt.datetime:
        if at.year < 2000 or at > dt.datetime.now(dt.UTC) + dt.timedelta(days=1):
            raise serializers.ValidationError(_("This is not a moment between 2000 and now."), "out_of_range")
        return at


class TicketsSerializer(serializers.BaseSerializer):
    """The body of `POST sales/`: one ticket or an array of them. Whether each can be read is found out one by one."""

    def to_internal_value(self, data: Any) -> list[Any]:
        tickets = data if isinstance(data, list) else [data]
        if not isinstance(data, list | dict):
            raise serializers.ValidationError(_("Send a ticket or an array of tickets."), "invalid")
        if not tickets:
            raise serializers.ValidationError(_("Send at least one ticket."), "empty")
        if len(tickets) > MOST_TICKETS:
            raise serializers.ValidationError(
                _("Send at most %(most)s tickets at a time.") % {"most": MOST_TICKETS}, "max_length"
            )
        return tickets


class TicketQuery(serializers.Serializer[Any]):
    """Which tickets are asked for, in the terms of `Ticket`."""

    store = serializers.CharField(required=False, max_length=16, source="location__code")
    till = serializers.CharField(required=False, max_length=16)
    business_date = serializers.DateField(required=False)
    sequence = serializers.IntegerField(required=False, min_value=0, max_value=2**62)
    view = view_field(of="tickets")


class QuarantinedTicketSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Place of the ticket in the array, from 0.")
    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)
    mend = serializers.CharField()


class SalesAnswerSerializer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    numbers = serializers.ListField(
        child=serializers.CharField(),
        help_text="Order (or return) number of each accepted or repeated ticket, in order.",
    )
    quarantined = QuarantinedTicketSerializer(many=True)


class TicketAnswerSerializer(serializers.Serializer[Any]):
    """A ticket as it stands in the books."""

    store = serializers.CharField()
    till = serializers.CharField()
    sequence = serializers.IntegerField()
    business_date = serializers.DateField()
    occurred_at = serializers.DateTimeField()
    operator = serializers.CharField()
    currency = serializers.CharField()
    total = Amount()
    rounding = Amount()
    number = serializers.CharField(allow_null=True)
    order = serializers.CharField(allow_null=True)
