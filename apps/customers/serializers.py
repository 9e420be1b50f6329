"""People as they stand in API documents. Other apps that take a person in a document use `PersonSerializer` too."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from apps.accounts.api_fields import ZonedTime
from apps.customers.discretion import Tags
from apps.customers.models import Consent, Customer
from apps.customers.services import normalising
from apps.customers.services.disclosing import disclose
from apps.customers.services.lookup import Purpose
from apps.customers.services.people import Person
from apps.customers.services.sources import source_of
from apps.network.models import Channel, Location

COUNTRY = RegexValidator(r"^[A-Za-z]{2}$", gettext_lazy("A country has two letters, for example NL."))
CARD = RegexValidator(r"^[0-9][0-9 .\-]{4,22}$", gettext_lazy("A card number has 6 to 20 digits."))


class Line(serializers.CharField):
    """A line of text that may be absent: null and blank both mean that it was not said."""

    def __init__(self, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, required=False, allow_blank=True, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, int | float):  # a bare number loses leading zeros, so it is refused rather than guessed at
            self.fail("invalid")
        return str(super().to_internal_value(data))


class BirthDate(serializers.DateField):
    """A date of birth of somebody who may be alive."""

    default_error_messages = {
        "invalid_birth_date": gettext_lazy("Nobody was born on this day: give the date of birth.")
    }

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if not normalising.birth_date(day):
            self.fail("invalid_birth_date")
        return day


class RegisterNumber(Line):
    """A number in a register of organisations, read by a function that gives a blank where it cannot be one."""

    def __init__(self, max_length: int, *, reads: Callable[[str], str], wrong: Any, **kwargs: Any) -> None:
        self.reads = reads
        super().__init__(max_length, **kwargs)
        self.error_messages["invalid_number"] = wrong

    def to_internal_value(self, data: Any) -> str:
        typed = super().to_internal_value(data)
        if not self.reads(typed):
            self.fail("invalid_number")
        return typed


def kvk_field() -> RegisterNumber:
    """The number of an organisation in the Dutch trade register."""
    wrong = gettext_lazy("A number in the Dutch trade register (KvK) has eight digits.")
    return RegisterNumber(
        20, reads=normalising.kvk, wrong=wrong, help_text="Of the organisation, in the Dutch trade register."
    )


def vat_field() -> RegisterNumber:
    """The VAT number of an organisation in the European Union."""
    wrong = gettext_lazy("This is no European VAT number. It begins with the country, for example NL854012345B01.")
    return RegisterNumber(30, reads=normalising.vat, wrong=wrong, help_text="Of the organisation, with its country.")


class PersonAddressSerializer(serializers.Serializer):
    street = Line(80)
    house_number = Line(12)
    house_number_suffix = Line(12)
    postcode = Line(10)
    city = Line(60)
    country = Line(2, validators=[COUNTRY])


def proven_phone_field() -> serializers.BooleanField:
    """Whether somebody proved their number. Of e-mail addresses the channel says whether it has them confirmed."""
    return serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Whether they proved that `phone` is theirs, by a code that was sent to it. Then it recognises them.",
    )


class PersonSerializer(serializers.Serializer):
    """A customer in a document: identifiers, name, address; anything may be absent."""

    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, allow_null=True)
    phone = Line(40)
    phone_is_verified = proven_phone_field()
    loyalty_card = Line(24, validators=[CARD])
    account_id = Line(120)
    first_name = Line(60)
    initials = Line(20)
    infix = Line(20, help_text="What stands between first and last name, as in Jan van der Berg: `van der`.")
    last_name = Line(80)
    birth_date = BirthDate()
    organisation = Line(120)
    kvk = kvk_field()
    vat = vat_field()
    address = PersonAddressSerializer(required=False, allow_null=True)


def person_from(
    data: Mapping[str, Any], *, source: str, email_is_verified: bool, home_location_id: int | None = None
) -> Person:
    """The person that a validated `PersonSerializer` tells of, as `source` knows them."""
    return Person(
        source=source,
        email_is_verified=email_is_verified,
        home_location_id=home_location_id,
        **flat(data),
    )


def flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """Validated fields of a person without nesting, blank where null: the names of `Person`."""
    fields = {name: value or "" for name, value in data.items() if name in PersonSerializer._declared_fields}
    if "phone_is_verified" in fields:
        fields["phone_is_verified"] = bool(fields["phone_is_verified"])
    address: Any = fields.pop("address", None)
    if address is not None:
        fields |= (
            {name: address.get(name) or "" for name in PersonAddressSerializer._declared_fields} if address else {}
        )
    return fields


class IdentifiersSerializer(serializers.Serializer):
    """What somebody said or showed. A postcode goes with a house number."""

    email = Line(254)
    phone = Line(40)
    loyalty_card = Line(40)
    account_id = Line(120)
    postcode = Line(10)
    house_number = Line(24)
    order = Line(24)
    collect_code = Line(24)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            detail = _("There is no identifier %(kind)s.") % {"kind": unknown[0]}
            raise serializers.ValidationError({unknown[0]: [detail]}, code="does_not_exist")
        given = super().to_internal_value(data)
        return {kind: value for kind, value in given.items() if value}


FOR_SYSTEMS = (Purpose.SERVICE, Purpose.COUNTER, Purpose.CHECKOUT)
_ALSO_CALLED = {
    Purpose.SERVICE: ("contact", "support", "customer_service", "call", "phone", "chat", "email", "case", "complaint"),
    Purpose.COUNTER: ("store", "in_store", "till", "pos", "sale", "collect", "pickup", "return", "returns", "scan"),
    Purpose.CHECKOUT: ("shop", "webshop", "web", "app", "account", "order", "orders", "login", "loyalty", "profile"),
}
_MEANT = {word: purpose for purpose, words in _ALSO_CALLED.items() for word in words}


class PurposeField(serializers.ChoiceField):
    """One of the known purposes, or a usual other word for one. Any other is refused: nobody would know what it opens."""

    def to_internal_value(self, data: Any) -> Any:
        word = data.strip().lower().replace("-", "_") if isinstance(data, str) else data
        return super().to_internal_value(_MEANT.get(word, word) if isinstance(word, str) else word)


class LookupSerializer(serializers.Serializer):
    identifiers = IdentifiersSerializer()
    purpose = PurposeField(
        [(purpose.value, purpose.label) for purpose in FOR_SYSTEMS],
        help_text="Why somebody is looked up; by it follows what of them is open. Usual other words for one are understood.",
    )


class LookupAnswer(serializers.Serializer):
    match = serializers.ChoiceField(["one", "none", "ambiguous"])
    id = serializers.UUIDField(allow_null=True)


class ConsentSerializer(serializers.Serializer):
    purpose = serializers.ChoiceField(Consent.Purpose.choices)
    given = serializers.BooleanField()
    text_version = serializers.CharField(max_length=32)
    proof = serializers.CharField(max_length=120, required=False, allow_blank=True)
    occurred_at = ZonedTime(required=False)
    locale = serializers.CharField(max_length=8, required=False, write_only=True)
    basis = serializers.ChoiceField(Consent.Basis.choices, read_only=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)


class ConsentsAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ConsentSerializer(many=True)


class SignUpAnswer(serializers.Serializer):
    id = serializers.UUIDField()
    loyalty_card = serializers.CharField(allow_null=True)


class SignUpSerializer(PersonSerializer):
    home_store = serializers.SlugRelatedField(
        slug_field="code", queryset=Location.objects.stores(), required=False, allow_null=True
    )
    consents = ConsentSerializer(many=True, required=False)

    def validate_consents(self, consents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({consent["purpose"] for consent in consents}) < len(consents):
            raise serializers.ValidationError(_("Name each purpose once."))
        return consents


class ChangeSerializer(serializers.Serializer):
    """What may be changed of a customer; what is left out stays."""

    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = Line(40)
    phone_is_verified = proven_phone_field()
    first_name = Line(60)
    initials = Line(20)
    infix = Line(20)
    last_name = Line(80)
    birth_date = BirthDate()
    organisation = Line(120)
    kvk = kvk_field()
    vat = vat_field()
    address = PersonAddressSerializer(required=False)


class AddressAnswer(TypedDict):
    street: str
    house_number: str
    postcode: str
    city: str
    country: str


class CustomerSerializer(serializers.ModelSerializer):
    """A customer as whoever was given access may read them."""

    id = serializers.UUIDField(source="key", read_only=True)
    address = serializers.SerializerMethodField()
    loyalty_card = serializers.CharField(read_only=True, allow_null=True)
    home_store = serializers.CharField(read_only=True, allow_null=True)
    since = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Customer
        fields = ("id", "name", "is_organisation", "email", "phone", "address", "since", "loyalty_card", "home_store")
        read_only_fields = fields

    def to_representation(self, customer: Customer) -> dict[str, Any]:
        """Without what the purpose of the look-up hides, and masked where others look along; the shape stays the same."""
        document: dict[str, Any] = super().to_representation(customer)
        tags: Tags = self.context["tags"]
        known = disclose(customer, tags)
        document |= {"email": known.email} if tags.purpose == Purpose.COUNTER or not known.email else {}
        document |= {"phone": known.phone} if tags.purpose == Purpose.COUNTER or not known.phone else {}
        if not tags.shows("customers.name"):
            document["name"] = ""
        if document["address"] and not tags.shows("customers.street"):
            document["address"] |= {"street": "", "house_number": ""}
        if not tags.shows("customers.place"):
            document["address"] = None
        for field in ("loyalty_card", "home_store", "since"):
            if not tags.shows(f"customers.{field}"):
                document[field] = None
        return document

    def get_address(self, customer: Customer) -> AddressAnswer | None:
        if not (customer.postcode or customer.street):
            return None
        return AddressAnswer(
            street=customer.street,
            house_number=customer.house_number,
            postcode=customer.postcode,
            city=customer.city,
            country=customer.country,
        )


def source_terms(channel: Channel) -> dict[str, Any]:
    """How a channel's people are known: the arguments of `person_from` that the channel decides."""
    return {"source": source_of(channel), "email_is_verified": channel.verifies_email}
