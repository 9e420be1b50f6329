"""What is written to customers because of what happened on the floors below."""

from collections.abc import Sequence

from django.utils import translation

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.core.languages import known_locale
from apps.customers.models import ConfirmationAsked, PrivacyRequest, Purpose
from apps.customers.rights.handling import EXTENDED_TOPIC, RECEIVED_TOPIC, REFUSED_TOPIC
from apps.customers.rights.languages import language_of
from apps.customers.services.confirming import ASKED_TOPIC, confirm_link
from apps.messages.services.queueing import Letter, news, queue_messages


@subscriber("messages.confirm", topics={ASKED_TOPIC})
def ask_to_confirm(events: Sequence[Event]) -> None:
    """Ask whoever ticked a box whether it was them; somebody forgotten meanwhile is not asked."""
    keys = [event.object_key for event in news(events)]
    asked = ConfirmationAsked.objects.filter(key__in=keys, confirmed_at=None).exclude(address="")
    queue_messages([_letter(one) for one in asked.order_by("pk")])


def _letter(asked: ConfirmationAsked) -> Letter:
    with translation.override(known_locale(asked.locale)):
        purposes = [str(Purpose(purpose).label) for purpose in asked.purposes]
    return Letter(
        template="confirm_consent",
        address=asked.address,
        locale=asked.locale,
        context={"purposes": purposes, "link": confirm_link(asked)},
        source_record_id=asked.source_record_id,
        dedupe_key=f"confirm_consent:{asked.key}",
    )


_LETTERS = {
    RECEIVED_TOPIC: ("privacy_received", "received"),
    EXTENDED_TOPIC: ("privacy_extended", "extended"),
    REFUSED_TOPIC: ("privacy_refused", "refused"),
}


@subscriber("messages.privacy", topics=set(_LETTERS))
def tell_of_request(events: Sequence[Event]) -> None:
    """Tell somebody that we have their privacy request, and why it takes longer or is refused. Without an e-mail address, or
    forgotten meanwhile, there is nobody to write to: the officer's page says so."""
    told = news(events)
    asked = PrivacyRequest.objects.select_related("source_record__customer").in_bulk(
        [event.object_key for event in told], field_name="number"
    )
    letters = []
    for event in told:
        request = asked[event.object_key]
        customer, locale = request.source_record.customer, language_of(request.source_record.customer)
        template, step = _LETTERS[event.topic]
        words = request.steps.filter(kind=step).values_list("words", flat=True).last()
        if not customer.email:
            continue
        with translation.override(locale):
            kind = str(request.get_kind_display())
        letters.append(
            Letter(
                template=template,
                address=customer.email,
                locale=locale,
                context={
                    "name": customer.name,
                    "number": request.number,
                    "kind": kind,
                    "received_on": request.received_on,
                    "due_on": request.due_on,
                    "reason": words,
                },
                source_record_id=request.source_record_id,
                dedupe_key=f"{template}:{request.number}",
            )
        )
    queue_messages(letters)
