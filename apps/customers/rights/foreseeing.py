"""What an erasure would do, said before it is done: what goes, what stays and why, and what must be finished first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.privacy.erasing import KEPT, rows_about, tables_by_key
from apps.customers.models import Customer, Look
from apps.customers.review.services import looks_at
from apps.customers.rights.erasing import blocked_by
from apps.customers.services.reading import source_records_of


@dataclass(frozen=True)
class Line:
    """Rows of one kind: what they are, how many, and why they stay."""

    what: str
    rows: int
    why: Any = ""


@dataclass
class Foreseen:
    """`goes` loses every word about the person, `stays` names nobody afterwards, `blocks` must be finished first."""

    goes: list[Line] = field(default_factory=list)
    stays: list[Line] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


Stays = Callable[[Sequence[int]], Line | None]
_stays: list[Stays] = []


def stays_after_erasure(stays: Stays) -> Stays:
    """Register rows that an erasure leaves, and the law or the proof that asks for them."""
    _stays.append(stays)
    return stays


def foresee(customer: Customer) -> Foreseen:
    """Read what erasing a customer would come to. Nothing is changed."""
    records = source_records_of(customer)
    seen = Foreseen(blocks=blocked_by(customer))
    for model, fields in tables_by_key():
        number = rows_about(model, records).count()
        if not number:
            continue
        name = capfirst(str(model._meta.verbose_name_plural))
        if any(personal.erase not in KEPT for personal in fields.values()):
            seen.goes.append(Line(name, number))
        else:
            seen.stays.append(Line(name, number, _("Proof of what we were allowed to do.")))
    looks = len(looks_at(records))
    if looks:
        name = capfirst(str(Look._meta.verbose_name_plural))
        seen.stays.append(Line(name, looks, _("Proof of who looked; nobody is named in it.")))
    seen.stays += [line for stays in _stays if (line := stays(records)) is not None]
    return seen
