"""Making segments, changing them, taking them out of use. Every change of what a segment is makes a version."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.roles import roles_with
from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault, InvalidInput
from apps.customers.segments.conditions import Definition, check
from apps.customers.segments.models import Segment, SegmentVersion

LONGEST_NAME = 80


@transaction.atomic
def make_segment(*, name: str, definition: Definition, roles: Collection[str] = (), principal: Any) -> Segment:
    """Save a new segment, of whoever makes it. Raises InvalidInput for what is wrong with it, naming the field."""
    _check(name, roles)
    check(definition)
    segment: Segment = Segment.objects.create(name=name.strip(), owner=principal, roles=sorted(roles))
    _write_version(segment, definition, principal)
    return segment


@transaction.atomic
def change_segment(
    *, segment: Segment, name: str, definition: Definition, roles: Collection[str], principal: Any
) -> Segment:
    """Give a segment another name, roles or definition; another definition is a new version, to be counted anew.

    Raises InvalidInput as `make_segment`, and Conflict for a segment that was taken out of use.
    """
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    if segment.retired_at is not None:
        raise Conflict(_("This segment was taken out of use."))
    _check(name, roles, segment)
    check(definition)
    segment.name, segment.roles = name.strip(), sorted(roles)
    if definition != segment.definition:
        segment.version += 1
        segment.people = segment.counted_at = None
        _write_version(segment, definition, principal)
    segment.save()
    return segment


@transaction.atomic
def retire_segment(*, segment: Segment) -> Segment:
    """Take a segment out of use; what it was and what was counted stay. Raises Conflict when it was already."""
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    if segment.retired_at is not None:
        raise Conflict(_("This segment was taken out of use."))
    segment.retired_at = timezone.now()
    segment.save(update_fields=["retired_at"])
    return segment


def _write_version(segment: Segment, definition: Definition, principal: Any) -> None:
    SegmentVersion.objects.create(
        segment=segment, number=segment.version, definition=definition.as_json(), actor=actor_of(principal)
    )


def _check(name: str, roles: Collection[str], segment: Segment | None = None) -> None:
    faults = []
    if not name.strip():
        faults.append(Fault("required", _("Give the segment a name."), "name"))
    if len(name.strip()) > LONGEST_NAME:
        faults.append(Fault("max_length", _("Give the segment a shorter name."), "name"))
    others = Segment.objects.exclude(pk=segment.pk) if segment else Segment.objects.all()
    if others.filter(name__iexact=name.strip()).exists():
        faults.append(Fault("taken", _("There is a segment of that name already."), "name"))
    if not set(roles) <= set(roles_with("segments.view")):
        faults.append(Fault("invalid", _("Share it with roles that may see segments."), "roles"))
    if faults:
        raise InvalidInput(faults[0].detail, faults=faults)
