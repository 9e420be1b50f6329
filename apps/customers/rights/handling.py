"""Privacy requests: taking one in, making sure who asks, extending, and closing. Each step is written down."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.events.log import Happened
from apps.core.events.log import record as record_event
from apps.core.numbers import PRIVACY_REQUEST, next_number
from apps.customers.models import Customer, PrivacyRequest, PrivacyStep
from apps.customers.rights.clocks import EXTENDED_MONTHS, TERM_MONTHS, months_after
from apps.customers.services.reading import source_records_of

Kind, Status, Step = PrivacyRequest.Kind, PrivacyRequest.Status, PrivacyStep.Kind

RECEIVED_TOPIC, EXTENDED_TOPIC, REFUSED_TOPIC, CLOSED_TOPIC = (
    f"privacy_request.{what}" for what in ("received", "extended", "refused", "closed")
)


@transaction.atomic
def receive(
    *,
    customer: Customer,
    kind: str,
    came: str,
    received_on: dt.date,
    asked: str = "",
    principal: Any,
) -> PrivacyRequest:
    """Take in what somebody asks about their data; its month begins on the day it came.

    Raises InvalidInput for a day to come, Conflict while they have asked the same and have no answer yet.
    """
    if received_on > timezone.localdate():
        detail = _("It cannot have come on a day that is still to come.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "received_on")])
    records = source_records_of(Customer.objects.select_for_update(no_key=True).get(pk=customer.pk))
    same = PrivacyRequest.objects.filter(source_record__in=records, kind=kind, status=Status.OPEN).first()
    if same is not None:
        raise Conflict(_("They asked this already: %(number)s is open.") % {"number": same.number})
    request = PrivacyRequest.objects.create(
        number=next_number(PRIVACY_REQUEST),
        source_record_id=records[0],
        kind=kind,
        came=came,
        asked=asked.strip(),
        received_on=received_on,
        due_on=months_after(received_on, TERM_MONTHS),
        registered_by=actor_of(principal),
    )
    note_step(request, Step.RECEIVED, principal=principal)
    _tell(request, RECEIVED_TOPIC)
    return request


@transaction.atomic
def check_identity(*, request: PrivacyRequest, how: str, principal: Any) -> PrivacyRequest:
    """Write down how we made sure that it is them. Raises Conflict once the request is closed."""
    request = _open(request)
    if not how or how not in PrivacyRequest.Identity.values:
        detail = _("Say how you made sure that it is them.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "how")])
    request.identity = how
    request.save(update_fields=["identity"])
    note_step(request, Step.IDENTIFIED, principal=principal)
    return request


@transaction.atomic
def extend(*, request: PrivacyRequest, reason: str, principal: Any) -> PrivacyRequest:
    """Take two months more, and tell the person why. Once, and only before the first month is over (article 12, paragraph 3)."""
    request = _open(request)
    check_may_extend(request)
    words = _told(reason)
    request.due_on = months_after(request.received_on, EXTENDED_MONTHS)
    request.extended_at = timezone.now()
    request.save(update_fields=["due_on", "extended_at"])
    note_step(request, Step.EXTENDED, words=words, principal=principal)
    _tell(request, EXTENDED_TOPIC)
    return request


def check_may_extend(request: PrivacyRequest) -> None:
    """Raise Conflict where the time cannot be extended any more."""
    if request.extended_at is not None:
        raise Conflict(_("It was extended already."))
    if request.days_left() < 0:
        raise Conflict(_("The month is over: they had to be told within it."))


def check_open(request: PrivacyRequest) -> None:
    """Raise Conflict once a request is closed."""
    if not request.is_open:
        raise Conflict(_("This request is closed."))


def check_identified(request: PrivacyRequest) -> None:
    """Raise Conflict while nobody made sure who asks: what we know is given to nobody else."""
    if not request.identity:
        raise Conflict(_("First make sure that it is them."))


@transaction.atomic
def finish(*, request: PrivacyRequest, words: str = "", principal: Any) -> PrivacyRequest:
    """Close a request that was met, with what the person was told."""
    request = _open(request)
    check_identified(request)
    return _close(request, Status.DONE, Step.DONE, words=words.strip(), principal=principal)


@transaction.atomic
def refuse(*, request: PrivacyRequest, reason: str, principal: Any) -> PrivacyRequest:
    """Close a request that is not met, with the reason that the person is told."""
    request = _open(request)
    words = _told(reason)
    request = _close(request, Status.REFUSED, Step.REFUSED, words=words, principal=principal)
    _tell(request, REFUSED_TOPIC)
    return request


@transaction.atomic
def take_back(*, request: PrivacyRequest, principal: Any) -> PrivacyRequest:
    """Close a request that the person does not want any more."""
    return _close(_open(request), Status.WITHDRAWN, Step.WITHDRAWN, words="", principal=principal)


def note_step(request: PrivacyRequest, kind: str, *, words: str = "", principal: Any) -> PrivacyStep:
    """Write down one thing that was done, in the caller's transaction."""
    return PrivacyStep.objects.create(request=request, kind=kind, words=words, actor=actor_of(principal))


def _open(request: PrivacyRequest) -> PrivacyRequest:
    request = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    check_open(request)
    return request


def _told(reason: str) -> str:
    if not reason.strip():
        detail = _("Say why: the person is told.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "reason")])
    return reason.strip()


def _close(request: PrivacyRequest, status: str, step: str, *, words: str, principal: Any) -> PrivacyRequest:
    request.status, request.closed_at = status, timezone.now()
    request.save(update_fields=["status", "closed_at"])
    note_step(request, step, words=words, principal=principal)
    _tell(request, CLOSED_TOPIC)
    return request


def _tell(request: PrivacyRequest, topic: str) -> None:
    """The log names the request by its number; what was said stands with its steps, where it can be erased."""
    record_event(
        Happened(
            topic=topic,
            object_type="privacyrequest",
            object_key=request.number,
            occurred_at=timezone.now(),
            payload={"kind": request.kind, "status": request.status},
        )
    )
