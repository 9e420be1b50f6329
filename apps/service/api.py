"""Contact moments over HTTP."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import WriteView
from apps.accounts.models import ApiClient
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.errors import Fault, InvalidInput
from apps.customers.review.noting import note_look_up
from apps.customers.services.lookup import find_people
from apps.customers.services.people import Person
from apps.customers.services.reading import customer_keys
from apps.customers.services.recognising import recognise
from apps.customers.services.sources import source_of
from apps.customers.throttles import LooksUp, network_of
from apps.service.serializers import ContactAnswer, ContactSerializer
from apps.service.services import Contact, log_contact
from apps.service.tree import filed

_OF_PERSONS = ("email", "phone", "loyalty_card", "account_id", "postcode", "house_number")


class ContactsView(LooksUp, WriteView):
    """Write a conversation down. The customer is recognised by any identifier, and made known when new."""

    required_scopes: ClassVar = {"POST": Scope.CONTACTS_WRITE}
    serializer_class = ContactSerializer

    @extend_schema(tags=["contacts"], request=ContactSerializer, responses={200: ContactAnswer, 201: ContactAnswer})
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        client = self.client
        identifiers = data.get("customer") or {}
        record_id = recognised(identifiers, client=client, network=network_of(self.request)) if identifiers else None
        contact = Contact(
            source=client.channel.code,
            external_id=data["external_id"],
            source_record_id=record_id,
            channel=data["channel"],
            direction=data["direction"],
            topic=filed(data["topic"]),
            topic_word=data["topic"],
            text=data["text"],
            order_number=identifiers.get("order", "")[:16],
            location=client.channel.location,
            handling_seconds=data.get("handling_seconds"),
            occurred_at=data["occurred_at"],
            handled_by=client.name,
        )
        moment, is_new = log_contact(contact=contact, actor=actor_of(client))
        with_whom = moment.source_record_id
        customer = customer_keys([with_whom]).get(with_whom) if with_whom else None
        body = {
            "id": str(moment.key),
            "external_id": moment.external_id,
            "customer": str(customer) if customer else None,
        }
        return (201 if is_new else 200), body


def recognised(identifiers: dict[str, str], *, client: ApiClient, network: str = "") -> int | None:
    """The source record of whoever is meant. Somebody unknown, or one of several, becomes known by what this system says."""
    people = find_people(identifiers, principal=client)
    proven = [person for person in people if person.proven]
    meant = people if len(people) == 1 else proven
    note_look_up(
        principal=client,
        given=identifiers,
        outcome="one" if len(meant) == 1 else "ambiguous" if people else "none",
        purpose="contact",
        customer_key=meant[0].customer.key if len(meant) == 1 else None,
        network=network,
    )
    if len(meant) == 1:
        return meant[0].source_record_id
    if "order" in identifiers and not people and not any(identifiers.get(kind) for kind in _OF_PERSONS):
        detail = _("There is no order %(number)s.") % {"number": identifiers["order"]}
        raise InvalidInput(detail, faults=[Fault("does_not_exist", detail, "customer.order")])
    given: dict[str, Any] = {kind: identifiers[kind] for kind in _OF_PERSONS if kind in identifiers}
    person = Person(source=source_of(client.channel), **given)
    return recognise([person], actor=actor_of(client))[0]
