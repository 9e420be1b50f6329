"""Goods go from one place in a location to another: put away, replenished, set apart. The stock level stays as it is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.errors import Fault, InvalidInput
from apps.core.money import ZERO, plain, spoken
from apps.core.retry import retried
from apps.inventory.models import (
    IN_THE_BUILDING,
    Condition,
    Inside,
    Place,
    StockDocument,
    StockLevel,
    StockMovement,
)
from apps.inventory.services.correcting import NotSoMany
from apps.inventory.services.documenting import cause_of, document_of
from apps.inventory.services.ledger import write_movements
from apps.inventory.services.levels import Key, key_of, lock
from apps.inventory.services.places.lying import Lying, apply_places, lying
from apps.inventory.services.types import Move, Spot
from apps.network.models import Location


@dataclass(frozen=True, slots=True)
class Carried:
    """So many of a variant carried from one place to another, by their codes; "" is no place in particular."""

    variant: Variant
    quantity: Decimal
    source: str
    target: str
    condition: str = Condition.SALEABLE


@retried
@transaction.atomic
def move_inside(
    *,
    location: Location,
    carried: Sequence[Carried],
    reference: str,
    actor: str,
    occurred_at: dt.datetime | None = None,
) -> StockDocument:
    """Book what was carried inside a location as one document; the same reference at a location is booked once.

    Raises NotSoMany where fewer lie on the place, or on no place, than were carried from it, and InvalidInput for a place that
    the location has not got: nothing is booked then. Call it last in a transaction: it locks stock levels.
    """
    places = _places(location, carried)
    at = occurred_at or timezone.now()
    document, is_new = document_of(
        location=location,
        reason=_reason(places, carried),
        reference=reference,
        actor=actor,
        at=at,
        lines=len(carried),
        kind=StockDocument.Kind.PLACING,
    )
    if not is_new:
        return document
    levels = _levels(location, carried)
    lock({key for keys in levels.values() for key in keys})
    there = lying({key for keys in levels.values() for key in keys})
    cause, moves = cause_of(document), []
    for n, one in enumerate(carried):
        left, part = one.quantity, 0
        source, target = places.get(one.source), places.get(one.target)
        for key in levels[one.variant.pk, one.condition]:
            if (taken := min(left, _free(there, key, source))) <= 0:
                continue
            # Not there for the next line any more; what it brings to its place is not carried on in one go.
            there[key].take(source.pk if source else None, taken)
            spot = Spot(location.pk, key[3], one.condition)
            moves.append(
                Move(
                    cause,
                    n + 1,
                    StockMovement.Kind.PLACE,
                    one.variant.pk,
                    taken,
                    source=spot,
                    target=spot,
                    part=part,
                    from_place=source.pk if source else None,
                    to_place=target.pk if target else None,
                )
            )
            left, part = left - taken, part + 1
        if left > 0:
            raise _too_few(n, one, one.quantity - left)
    apply_places(write_movements(moves))
    return document


def _places(location: Location, carried: Sequence[Carried]) -> dict[str, Place]:
    codes = {code for one in carried for code in (one.source, one.target) if code}
    there = list(Place.objects.filter(location=location)) if codes else []
    known = {place.code.upper(): place for place in there}
    spelled = {code: code.strip().upper() for code in codes}
    found = {code: known[spelling] for code, spelling in spelled.items() if spelling in known}
    for n, one in enumerate(carried):
        _check(n, one, found)
    if not carried:
        raise InvalidInput(_("Say what was moved."), code="no_lines")
    return found


def _check(n: int, one: Carried, places: dict[str, Place]) -> None:
    for attr, code in (("source", one.source), ("target", one.target)):
        if code and code not in places:
            raise _wrong(n, attr, "unknown_place", _("There is no place %(code)s here.") % {"code": code})
    if places.get(one.source) == places.get(one.target):
        raise _wrong(n, "target", "same_place", _("It lies there already."))
    if one.condition not in IN_THE_BUILDING:
        raise _wrong(n, "condition", "on_its_way", _("What is on its way is changed by its transfer."))
    if not one.quantity.is_finite() or one.quantity <= 0:
        raise _wrong(n, "quantity", "quantity", _("A quantity is greater than zero."))
    if one.quantity % 1 and not one.variant.allows_fractions:
        raise _wrong(n, "quantity", "fraction", _("This is sold by the piece."))


def _wrong(n: int, attr: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, code=code, faults=[Fault(code, detail, f"lines.{n}.{attr}")])


def _too_few(n: int, one: Carried, there: Decimal) -> NotSoMany:
    told = {"there": spoken(plain(there)), "place": one.source, "name": one.variant.name}
    if one.source:
        detail = _("%(name)s: only %(there)s on %(place)s.") % told
    else:
        detail = _("%(name)s: only %(there)s that lie on no place yet.") % told
    return NotSoMany(detail, faults=[Fault(NotSoMany.code, detail, f"lines.{n}.quantity")])


def _reason(places: dict[str, Place], carried: Iterable[Carried]) -> Inside:
    """Why all of it was carried, as far as the kinds of the places tell."""
    kinds = Place.Kind
    found = set()
    for one in carried:
        source, target = places.get(one.source), places.get(one.target)
        if target is not None and target.kind == kinds.QUARANTINE:
            found.add(Inside.SET_APART)
        elif source is None:
            found.add(Inside.PUT_AWAY)
        elif source.kind == kinds.STOCKROOM and target is not None and target.kind in {kinds.SHELF, kinds.BIN}:
            found.add(Inside.REPLENISHED)
        else:
            found.add(Inside.MOVED)
    return found.pop() if len(found) == 1 else Inside.MOVED


def _levels(location: Location, carried: Sequence[Carried]) -> dict[tuple[int, str], list[Key]]:
    """The levels that each may be carried from, the fullest owner first: {(variant id, condition): keys}."""
    levels: dict[tuple[int, str], list[Key]] = defaultdict(list)
    rows = StockLevel.objects.filter(location=location, variant__in={one.variant.pk for one in carried})
    for variant_id, condition, owner_id in rows.order_by("-on_hand", "owner_id").values_list(
        "variant_id", "condition", "owner_id"
    ):
        levels[variant_id, condition].append(key_of(variant_id, Spot(location.pk, owner_id, condition)))
    return levels


def _free(there: dict[Key, Lying], key: Key, source: Place | None) -> Decimal:
    one = there.get(key, Lying(ZERO))
    return one.on(source.pk) if source is not None else one.rest
