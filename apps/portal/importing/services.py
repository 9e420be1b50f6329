"""Loading a file, saying how it is read, having it checked and booked."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.acting import current_act
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.core.inbox.sheets import Reading, guess_reading, header_of
from apps.core.jobs.starting import start_job
from apps.core.models import Job
from apps.portal.importing.columns import guess_columns
from apps.portal.importing.kinds import ImportKind
from apps.portal.importing.models import Import, ImportMemory

KEEP_FILES = dt.timedelta(days=7)
LARGEST = 64 * 1024 * 1024  # bytes


@transaction.atomic
def take_in(*, kind: ImportKind, file: "UploadedFile[Any]", owner: Any) -> Import:
    """Keep an uploaded file and guess how it is read. Raises InvalidInput, which names the field, for what is no table."""
    if (file.size or 0) > LARGEST:
        raise _about_file(
            _("The file is larger than %(limit)s MB. Divide it over several files.") % {"limit": LARGEST >> 20}
        )
    with _on_disk(file) as path:
        try:
            reading = guess_reading(path)
            header = header_of(path, reading)
        except InvalidInput as refusal:
            raise _about_file(refusal.detail) from refusal
    memory = ImportMemory.objects.filter(owner=owner, kind=kind.name).first()
    upload = Import(
        kind=kind.name,
        owner=owner,
        file_name=Path(file.name or "?").name[:160],
        reading=reading.as_json(),
        header=header,
        mapping=guess_columns(kind, header, memory.mapping if memory else {}),
        expires_at=timezone.now() + KEEP_FILES,
    )
    file.seek(0)
    upload.file.save("file", file, save=False)
    upload.save()
    return upload


@transaction.atomic
def read_as(*, upload: Import, reading: Reading, mapping: Mapping[str, str], options: Mapping[str, Any]) -> Import:
    """Say what goes for all of the file, how it is read and which column is which; what was checked before no longer counts.

    Raises InvalidInput when a column is missing or used twice.
    """
    upload = _locked(upload)
    with local_file(upload) as path:
        header = header_of(path, reading)
    chosen = {name: head for name, head in mapping.items() if head}
    kind = upload.of_kind
    faults = [
        Fault("required", _("Choose the column with %(column)s.") % {"column": column.label}, f"column_{column.name}")
        for column in kind.columns
        if column.required and column.name not in chosen
    ]
    for name, head in chosen.items():
        if head not in header:
            text = _("The file has no column “%(column)s” when read like this.") % {"column": head}
            faults.append(Fault("does_not_exist", text, f"column_{name}"))
        elif list(chosen.values()).count(head) > 1:
            text = _("“%(column)s” is chosen twice.") % {"column": head}
            faults.append(Fault("twice", text, f"column_{name}"))
    if faults:
        raise InvalidInput(faults[0].detail, faults=faults)
    upload.reading, upload.header, upload.mapping, upload.options = reading.as_json(), header, chosen, dict(options)
    upload.state, upload.counts, upload.marks, upload.checked_at = Import.State.UPLOADED, {}, {}, None
    upload.save()
    ImportMemory.objects.update_or_create(owner=upload.owner, kind=upload.kind, defaults={"mapping": chosen})
    return upload


@transaction.atomic
def start_check(*, upload: Import, principal: Any) -> Job:
    """Have the file looked through, as a job."""
    upload = _locked(upload)
    title = _("Checking %(file)s") % {"file": upload.file_name}
    return _start(upload, "imports.check", title, principal)


@transaction.atomic
def start_booking(*, upload: Import, only_valid: bool, principal: Any) -> Job:
    """Have what the check found booked, as a job. Raises Conflict for a file that was not checked, or not without errors."""
    upload = _locked(upload)
    if upload.state != Import.State.CHECKED:
        raise Conflict(_("Have the file checked first."))
    if upload.errors and not only_valid:
        raise Conflict(_("There are rows that are wrong. Mend them, or book only the others."))
    if not upload.effect:
        raise Conflict(_("Nothing in this file changes anything."))
    upload.only_valid = only_valid
    title = _("Booking %(file)s") % {"file": upload.file_name}
    return _start(upload, "imports.book", title, principal)


def _start(upload: Import, kind: str, title: str, principal: Any) -> Job:
    if not upload.has_file:
        raise Conflict(_("The file is no longer kept. Load it again."))
    if upload.is_busy:
        raise Conflict(_("This file is being worked on."))
    job = start_job(
        kind=kind,
        owner=principal,
        parameters={"import": str(upload.key), "reason": current_act().reason},
        title=title,
        once=f"import:{upload.key}",
    )
    upload.job = job
    upload.save()
    return job


def _locked(upload: Import) -> Import:
    locked: Import = Import.objects.select_for_update(of=("self",)).select_related("job").get(pk=upload.pk)
    if locked.state == Import.State.BOOKED:
        raise Conflict(_("This file has been booked. Load it again to book it once more."))
    if locked.is_busy:
        raise Conflict(_("This file is being worked on."))
    return locked


def forget_expired() -> int:
    """Delete uploaded files that are kept long enough, with all that was found in them; return how many."""
    expired = Import.objects.filter(expires_at__lt=timezone.now())
    count = 0
    for upload in expired.iterator():
        upload.file.delete(save=False)
        upload.delete()
        count += 1
    return count


@contextmanager
def local_file(upload: Import) -> Iterator[Path]:
    """The uploaded file on this machine's disk, wherever it is kept."""
    if not upload.has_file:
        raise Conflict(_("The file is no longer kept. Load it again."))
    with upload.file.open("rb") as kept, _on_disk(kept) as path:
        yield path


@contextmanager
def _on_disk(file: Any) -> Iterator[Path]:
    place = getattr(file, "temporary_file_path", None)
    if place is not None:
        yield Path(place())
        return
    name = getattr(file, "name", "") or ""
    if Path(name).is_absolute() and Path(name).exists():
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile(prefix="toonbank-import-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _about_file(detail: str) -> InvalidInput:
    return InvalidInput(detail, faults=[Fault("unreadable_file", detail, "file")])
