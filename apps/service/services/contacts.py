"""Writing contact moments down."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Conflict
from apps.core.events.log import Happened, record
from apps.customers.services.sources import DESK
from apps.network.models import Location
from apps.service.models import ContactMoment
from apps.service.services.conversations import end

DESK_TIME_ZONE = "Europe/Amsterdam"


class DuplicateContact(Conflict):
    """The same system used this id before, for another conversation."""

    code = "duplicate_external_id"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One conversation. `source` and `external_id` are the system that held it and its own id for it.

    `handled_by` is the name to show to colleagues. `topic` is the code of a `Topic`, `topic_word` what the system called it.
    `handling_seconds` is what another system says that it took; with `conversation` the steps of that conversation say it.
    """

    source: str
    external_id: str
    source_record_id: int | None
    channel: str
    topic: str
    occurred_at: dt.datetime
    topic_word: str = ""
    direction: str = ContactMoment.Direction.INBOUND
    text: str = ""
    order_number: str = ""
    location: Location | None = None
    handling_seconds: int | None = None
    conversation: uuid.UUID | None = None
    handled_by: str = ""


@transaction.atomic
def log_contact(*, contact: Contact, actor: str) -> tuple[ContactMoment, bool]:
    """Write a conversation down once; a repeat gives the first one and False.

    Raises DuplicateContact when the same id comes with another conversation.
    """
    known = _known(contact)
    if known is None:
        try:
            with transaction.atomic():
                return _write(contact, actor), True
        except IntegrityError:  # the same conversation was written at the same moment
            known = _known(contact)
            if known is None:
                raise
    if _said(known) != _said(contact):
        raise DuplicateContact(_("This contact moment was written down before, with other content."))
    return known, False


def _known(contact: Contact) -> ContactMoment | None:
    return ContactMoment.objects.filter(source=contact.source, external_id=contact.external_id).first()


def _said(contact: Contact | ContactMoment) -> tuple[object, ...]:
    """What makes two conversations the same; whom it was with is left out, for people get recognised later."""
    return (
        contact.channel,
        contact.direction,
        # By the system's own word: where it is filed may change between two deliveries.
        contact.topic_word or (contact.topic if isinstance(contact, Contact) else contact.topic_id),
        contact.text,
        contact.order_number,
        # Written by hand, a second click comes later and is the same conversation all the same.
        None if contact.source == DESK else (contact.handling_seconds, contact.occurred_at),
    )


def _write(contact: Contact, actor: str) -> ContactMoment:
    zone = contact.location.time_zone if contact.location else DESK_TIME_ZONE
    took = end(actor=actor, conversation=contact.conversation) if contact.conversation else None
    seconds = contact.handling_seconds if took is None else took.seconds
    moment = ContactMoment.objects.create(
        source=contact.source,
        external_id=contact.external_id,
        source_record_id=contact.source_record_id,
        channel=contact.channel,
        direction=contact.direction,
        topic_id=contact.topic,
        topic_word=contact.topic_word,
        text=contact.text,
        order_number=contact.order_number,
        location=contact.location,
        conversation=contact.conversation if took else None,
        handling_seconds=seconds,
        actor=actor,
        handled_by=contact.handled_by,
        occurred_at=contact.occurred_at,
        business_date=business_date(contact.occurred_at, zone),
        recorded_at=timezone.now(),
    )
    record(
        Happened(
            topic="contact.logged",
            object_type="contact",
            object_key=str(moment.key),
            occurred_at=contact.occurred_at,
            payload={
                "contact": str(moment.key),
                "source_record": contact.source_record_id,
                "channel": contact.channel,
                "direction": contact.direction,
                "business_date": moment.business_date.isoformat(),
                "topic": contact.topic,
                "handling_seconds": seconds,
            },
        )
    )
    return moment
