"""Putting mail in the outbox."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.core.events.models import Event
from apps.core.languages import known_locale
from apps.customers.models import SourceRecord
from apps.customers.services.confirming import stop_link
from apps.customers.services.consenting import may_write_to
from apps.customers.services.suppressing import forgotten_records
from apps.messages.kinds import MARKETING
from apps.messages.models import Message
from apps.messages.tasks import nudge_sender

NEWS_FOR = dt.timedelta(days=7)
"""How long something that happened is news. A till or a feed may bring its facts late; a mail about them would only startle."""

_BLANK_LINES = re.compile(r"\n\s*\n\s*\n(?=\S)")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail to write. `template` is a folder of `templates/messages/`, `context` what its texts name.

    `dedupe_key` names the cause ("collect_ready:T48101273642"): a cause is written to once, however often it is told.
    """

    template: str
    address: str
    locale: str
    context: Mapping[str, Any] = field(default_factory=dict)
    source_record_id: int | None = None
    dedupe_key: str


def news(events: Iterable[Event]) -> list[Event]:
    """The events that customers are still to hear of: those of the last days."""
    since = timezone.now() - NEWS_FOR
    return [event for event in events if event.occurred_at >= since]


def queue_message(
    *,
    template: str,
    address: str,
    locale: str,
    context: Mapping[str, Any],
    source_record_id: int | None,
    dedupe_key: str,
) -> None:
    """Put one mail in the outbox, in the caller's transaction."""
    letter = Letter(
        template=template,
        address=address,
        locale=locale,
        context=context,
        source_record_id=source_record_id,
        dedupe_key=dedupe_key,
    )
    queue_messages([letter])


@transaction.atomic(savepoint=False)
def queue_messages(letters: Sequence[Letter]) -> None:
    """Put mails in the outbox. Left out are those whose cause was written to before, whose address is none, marketing
    that the customer does not allow to that address, and whoever was forgotten while the letter was thought of."""
    known = [letter.source_record_id for letter in letters if letter.source_record_id is not None]
    forgotten = forgotten_records(known)
    messages = [
        _written(letter)
        for letter in letters
        if _is_address(letter.address) and letter.source_record_id not in forgotten and _is_allowed(letter)
    ]
    if not messages:
        return
    Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=500)
    transaction.on_commit(nudge_sender, robust=True)


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _is_allowed(letter: Letter) -> bool:
    purpose = MARKETING.get(letter.template)
    if purpose is None:
        return True
    if letter.source_record_id is None:
        return False  # nobody we know ever allowed it
    return may_write_to(letter.source_record_id, purpose=purpose, address=letter.address)


def _written(letter: Letter) -> Message:
    folder = f"messages/{letter.template}"
    purpose = MARKETING.get(letter.template)
    context = dict(letter.context)
    if purpose is not None and letter.source_record_id is not None:
        context["stop_link"] = stop_link(SourceRecord.objects.get(pk=letter.source_record_id), purpose)
    with translation.override(known_locale(letter.locale)):
        subject = render_to_string(f"{folder}/subject.txt", context)
        body = render_to_string(f"{folder}/body.txt", context)
        if purpose is not None:
            body += render_to_string("messages/_stop.txt", context)
    return Message(
        template=letter.template,
        dedupe_key=letter.dedupe_key,
        source_record_id=letter.source_record_id,
        address=letter.address,
        locale=letter.locale,
        purpose=purpose or "",
        subject=" ".join(subject.split())[:200],
        body=_BLANK_LINES.sub("\n\n", body.strip()) + "\n",
    )
