"""Customers over HTTP: look up, sign up, read, change, consent."""

import uuid
from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import ApiView, WriteView
from apps.accounts.roles import Scope
from apps.accounts.services import grant_access
from apps.core.actors import actor_of
from apps.core.retry import in_transaction
from apps.customers.discretion import Tags, tags_of
from apps.customers.models import Consent, Customer, Identifier, SourceRecord
from apps.customers.review.noting import Outcome, note_view
from apps.customers.serializers import (
    ChangeSerializer,
    ConsentsAnswer,
    ConsentSerializer,
    CustomerSerializer,
    LookupAnswer,
    LookupSerializer,
    SignUpAnswer,
    SignUpSerializer,
    flat,
    person_from,
    source_terms,
)
from apps.customers.services.consenting import current_consents, record_consent
from apps.customers.services.lookup import grant_in_force, look_up
from apps.customers.services.reading import source_records_of
from apps.customers.services.signing_up import change_details, record_for, sign_up
from apps.customers.services.sources import source_of
from apps.customers.throttles import LooksUp, network_of


class LookupView(LooksUp, ApiView):
    """Find who is meant; with one match the customer is open to this client for half an hour."""

    required_scopes: ClassVar = {"POST": Scope.CUSTOMERS_READ}

    @extend_schema(tags=["customers"], request=LookupSerializer, responses=LookupAnswer)
    def post(self, request: Request) -> Response:
        asked = LookupSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = in_transaction(
            lambda: look_up(principal=self.client, network=network_of(request), **asked.validated_data)
        )
        return Response({"match": found.match, "id": str(found.customer.key) if found.customer else None})


def readable(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Customers with what the API says of them beyond their own columns."""
    cards = Identifier.objects.filter(
        source_record__customer=OuterRef("pk"), kind=Identifier.Kind.CARD, verified=True
    ).order_by("-pk")
    homes = SourceRecord.objects.filter(customer=OuterRef("pk"), home_location__isnull=False).order_by("-pk")
    return customers.annotate(
        loyalty_card=Subquery(cards.values("value")[:1]), home_store=Subquery(homes.values("home_location__code")[:1])
    )


class CustomerPart(ApiView):
    """Base of what hangs below one customer (`customers/{id}/orders/`). Without access the customer is a 404.

    An app above gives its part an address of its own, `customers/<uuid:key>/…`, and reads by `source_record_ids`. It names the
    `datum` that it tells of, and is a 404 where that is hidden. What is read, and what was not open, is written down.
    """

    datum: ClassVar[str] = ""

    @cached_property
    def customer(self) -> Customer:
        customer = readable(Customer.objects.visible_to(self.client).meant_by(self.kwargs["key"])).first()
        grant = grant_in_force(customer, principal=self.client) if customer else None
        self.tags = tags_of(self.client, grant)
        if customer is None or (self.datum and not self.tags.shows(self.datum)):
            note_view(
                principal=self.client, part=self._seen_part, customer_key=self.kwargs["key"], outcome=Outcome.REFUSED
            )
            raise Http404
        note_view(principal=self.client, part=self._seen_part, customer_key=customer.key, grant=grant)
        return customer

    tags: Tags
    """How much of each datum this client may say or show, once the customer was read."""

    @property
    def _seen_part(self) -> str:
        match = self.request.resolver_match
        return f"api:{match.url_name}" if match else "api"

    @property
    def source_record_ids(self) -> list[int]:
        return source_records_of(self.customer)


class CustomerView(CustomerPart):
    """Read or change a customer that a look-up opened to this client."""

    required_scopes: ClassVar = {"GET": Scope.CUSTOMERS_READ, "PATCH": Scope.CUSTOMERS_WRITE}

    @extend_schema(tags=["customers"], responses=CustomerSerializer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        return Response(CustomerSerializer(self.customer, context={"tags": self.tags}).data)

    @extend_schema(tags=["customers"], request=ChangeSerializer, responses=CustomerSerializer)
    def patch(self, request: Request, key: uuid.UUID) -> Response:
        customer = self.customer
        changes = ChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        in_transaction(
            lambda: change_details(
                customer=customer, changes=flat(changes.validated_data), **source_terms(self.client.channel)
            )
        )
        return Response(CustomerSerializer(customer, context={"tags": self.tags}).data)


class SignUpView(WriteView):
    """Make a customer known, or recognise them, and answer a card number that works at once."""

    required_scopes: ClassVar = {"POST": Scope.CUSTOMERS_WRITE}
    serializer_class = SignUpSerializer

    @extend_schema(tags=["customers"], request=SignUpSerializer, responses={201: SignUpAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        channel = self.client.channel
        home = data.get("home_store")
        person = person_from(data, home_location_id=home.pk if home else channel.location_id, **source_terms(channel))
        signed_up = sign_up(person=person, actor=actor_of(self.client))
        for consent in data.get("consents", ()):
            record_consent(source_record_id=signed_up.source_record_id, **_provable(consent, channel.code))
        key = str(signed_up.customer.key)
        grant_access(
            principal=self.client, object_type="customer", object_key=key, purpose="sign_up", evidence="sign_up"
        )
        return 201, {"id": key, "loyalty_card": signed_up.card_number or None}


class ConsentsView(WriteView, CustomerPart):
    """What somebody agreed to, the last word per purpose; and a new word."""

    datum = "customers.consents"

    required_scopes: ClassVar = {"GET": Scope.CUSTOMERS_READ, "POST": Scope.CUSTOMERS_WRITE}
    serializer_class = ConsentSerializer

    @extend_schema(tags=["customers"], responses=ConsentsAnswer)
    def get(self, request: Request, key: uuid.UUID) -> Response:
        now = current_consents(self.source_record_ids)
        results = [ConsentSerializer(now[purpose]).data for purpose in Consent.Purpose.values if purpose in now]
        return Response({"next": None, "previous": None, "results": results})

    @extend_schema(tags=["customers"], request=ConsentSerializer, responses={201: ConsentSerializer})
    def post(self, request: Request, **path: Any) -> Response:
        self.customer  # noqa: B018  (404 before the body is looked at)
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        channel = self.client.channel
        record = record_for(self.customer, source=source_of(channel))
        consent = record_consent(source_record_id=record.pk, **_provable(data, channel.code))
        return 201, ConsentSerializer(consent).data


def _provable(consent: dict[str, Any], channel_code: str) -> dict[str, Any]:
    """A consent with where it was said, if the caller did not say."""
    return {**consent, "proof": consent.get("proof") or channel_code}
