"""What is written to customers because of what happened on the floors below."""

from collections.abc import Sequence

from django.utils import translation

from apps.core.events.models import Event
from apps.core.events.subscribers import subscriber
from apps.core.languages import known_locale
from apps.customers.models import ConfirmationAsked, Purpose
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
