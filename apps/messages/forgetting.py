"""Mails that were written to files, where no mail server is set up: those of somebody who is forgotten go.

A file of the file-based backend may hold several mails; it is a developer's, and all of it goes where one is theirs.
"""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from apps.customers.rights.erasing import at_erasure
from apps.messages.models import Message

_FILES = "django.core.mail.backends.filebased.EmailBackend"


@at_erasure
def forget_mail_files(source_record_ids: Sequence[int], actor: str) -> None:
    """Delete the files with mail to these records; the outbox still knows to which addresses that was."""
    if settings.EMAIL_BACKEND != _FILES:
        return
    rows = Message.objects.filter(source_record__in=source_record_ids).exclude(address="")
    addresses = {address.lower() for address in rows.values_list("address", flat=True)}
    for path in Path(settings.EMAIL_FILE_PATH).glob("*.log"):
        text = path.read_text(errors="replace").lower()
        if any(address in text for address in addresses):
            path.unlink(missing_ok=True)
