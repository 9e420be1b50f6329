"""Agreeing with a supplier that goods are his until they are sold, and ending that. What lies there changes hands."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.actors import SYSTEM
from apps.core.errors import Conflict, InvalidInput
from apps.core.retry import retried
from apps.inventory.models import Consignment, Demand, StockDocument, StockMovement
from apps.inventory.services.carrying import carry
from apps.inventory.services.documenting import cause_of, document_of
from apps.inventory.services.levels import Key, lock
from apps.inventory.services.types import Move, Spot
from apps.network.models import LegalEntity, Location

AT_ONCE = 20
"""Variants that change hands in one transaction of `change_hands`, wherever they lie."""


class ConsignedAlready(Conflict):
    """Of this variant, at this place, there is a consignment in these days already. Nothing was agreed."""

    code = "consigned_already"


@retried
@transaction.atomic
def consign(
    *,
    supplier: LegalEntity,
    variants: Sequence[Variant],
    locations: Sequence[Location] = (),
    since: dt.date,
    actor: str,
) -> list[Consignment]:
    """From `since` on these variants are the supplier's, at these locations or, where none are named, everywhere.

    What lies there changes hands at once, or by `change_hands` on the day itself. Facts of before were booked to others and
    stay so: `since` is today or later. Call it last in a transaction: it locks stock levels.
    """
    if supplier.kind != LegalEntity.Kind.SUPPLIER:
        raise InvalidInput(_("Only a supplier leaves goods in consignment."), code="not_a_supplier")
    if since < timezone.localdate():
        raise InvalidInput(_("A consignment begins today or later."), code="in_the_past")
    places: Sequence[Location | None] = locations or [None]
    begun = [
        Consignment(supplier=supplier, variant=variant, location=location, valid=DateRange(since, None))
        for variant in sorted(variants, key=lambda each: each.pk)  # two who consign the same never wait in a circle
        for location in sorted(places, key=lambda each: each.pk if each else 0)
    ]
    try:
        with transaction.atomic():
            Consignment.objects.bulk_create(begun)
    except IntegrityError as error:
        if "one_supplier_at_a_time" in str(error):
            raise _consigned_already(begun) from error
        raise
    hand_over(variant_ids=[variant.pk for variant in variants], actor=actor)
    return begun


def _consigned_already(begun: Sequence[Consignment]) -> ConsignedAlready:
    where = Q(location__in=[one.location for one in begun if one.location is not None])
    if any(one.location is None for one in begun):
        where = Q(location=None)
    same = Consignment.objects.filter(where, variant__in=[one.variant for one in begun], valid__overlap=begun[0].valid)
    first = same.select_related("variant__product").order_by("variant__sku").first()
    goods = first.variant.sku if first is not None else begun[0].variant.sku
    return ConsignedAlready(_("%(goods)s: in consignment there already.") % {"goods": goods})


def check_to_end(consignment: Consignment) -> None:
    """Raise Conflict for a consignment that has, or is given, an end."""
    if consignment.valid.upper is not None:
        raise Conflict(_("This consignment ends already."))


@retried
@transaction.atomic
def end_consignment(*, consignment: Consignment, until: dt.date, actor: str) -> None:
    """On `until` these goods are not the supplier's any more: what lies there is the location's own, at once or on the day.

    One that has not begun by then is taken out. Raises Conflict when it ends already.
    """
    locked = Consignment.objects.select_for_update(of=("self",)).filter(pk=consignment.pk).first()
    if locked is None:
        raise Conflict(_("This consignment was taken out."))
    check_to_end(locked)
    today, begins = timezone.localdate(), locked.valid.lower
    if until < today:
        raise InvalidInput(_("A consignment ends today or later."), code="in_the_past")
    if until <= begins:
        if begins <= today:
            raise InvalidInput(_("What begins today ends tomorrow at the earliest."), code="too_soon")
        locked.delete()
        return
    locked.valid = DateRange(begins, until)
    locked.save(update_fields=["valid"])
    hand_over(variant_ids=[locked.variant_id], actor=actor)


def change_hands() -> int:
    """Everything that lies somewhere and is not of whom the consignments of today say; how many levels.

    What was booked in a transaction that began before its consignment did, what a till told late of the days before, and what
    begins or ends today.
    """
    changed = 0
    variant_ids = sorted({key[0] for key in _of_others(None)})
    for start in range(0, len(variant_ids), AT_ONCE):
        changed += _change_hands(variant_ids[start : start + AT_ONCE])
    return changed


@retried
@transaction.atomic
def _change_hands(variant_ids: Sequence[int]) -> int:
    return hand_over(variant_ids=variant_ids, actor=SYSTEM)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A level of somebody who does not own such goods there today."""

    level_id: int
    key: Key
    owner_id: int  # whose they are
    on_hand: Decimal

    @property
    def right(self) -> Key:
        return (*self.key[:3], self.owner_id)


def hand_over(*, variant_ids: Sequence[int], actor: str) -> int:
    """Book what lies there of these variants to whom it belongs today, in any condition; how many levels changed.

    A document for each location. Promises go along with the goods, and so does what was sold beyond the stock. Goods on their
    way are the sender's until they are received. It locks stock levels.
    """
    found = _of_others(variant_ids)
    lock(key for wrong in found.values() for key in (wrong.key, wrong.right))
    # As it is now that nobody else changes it; what came up meanwhile is for the next time.
    there = {key: wrong for key, wrong in _of_others(variant_ids).items() if key in found}
    moves: list[Move] = []
    for location_id, wrongs in _by_location(there.values()).items():
        moves += _moves(location_id, [wrong for wrong in wrongs if wrong.on_hand], actor)
    by_level = {wrong.level_id: wrong.right for wrong in there.values()}
    holding = Demand.objects.filter(level__in=by_level, quantity__gt=F("consumed") + F("released"))
    carry(moves, {pk: by_level[level_id] for pk, level_id in holding.values_list("pk", "level_id")})
    return len(there)


def _by_location(wrongs: Iterable[_Wrong]) -> dict[int, list[_Wrong]]:
    found: dict[int, list[_Wrong]] = defaultdict(list)
    for wrong in wrongs:
        found[wrong.key[1]].append(wrong)
    return found


def _moves(location_id: int, wrongs: Sequence[_Wrong], actor: str) -> list[Move]:
    if not wrongs:
        return []
    document, _is_new = document_of(
        location=Location.objects.get(pk=location_id),
        reason="",
        reference="",
        actor=actor,
        at=timezone.now(),
        lines=len(wrongs),
        kind=StockDocument.Kind.OWNER,
    )
    cause, moves = cause_of(document), []
    for line, wrong in enumerate(wrongs, start=1):
        variant_id, _location, condition, owner_id = wrong.key
        before, after = Spot(location_id, owner_id, condition), Spot(location_id, wrong.owner_id, condition)
        if wrong.on_hand < 0:  # what went beyond the stock was of the new owner's goods
            before, after = after, before
        moves.append(Move(cause, line, StockMovement.Kind.OWNER, variant_id, abs(wrong.on_hand), before, after))
    return moves


def _of_others(variant_ids: Sequence[int] | None) -> dict[Key, _Wrong]:
    """What belongs to others than it is booked to, of these variants or of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_OTHERS,
            {"variants": None if variant_ids is None else list(variant_ids), "now": timezone.now()},
        )
        wrongs = [_Wrong(pk, (v, lo, c, o), *rest) for pk, v, lo, c, o, *rest in cursor.fetchall()]
    return {wrong.key: wrong for wrong in wrongs}


# Only of consigned variants, and of what suppliers still own: where a location itself went to another company, what lies there
# is not touched.
_OF_OTHERS = """
SELECT level.id, level.variant_id, level.location_id, level.condition, level.owner_id,
       COALESCE(agreed.supplier_id, company.legal_entity_id), level.on_hand
  FROM inventory_stocklevel AS level
  JOIN network_location AS location ON location.id = level.location_id
  JOIN network_legalentity AS owner ON owner.id = level.owner_id
  LEFT JOIN LATERAL (
        SELECT consignment.supplier_id FROM inventory_consignment AS consignment
         WHERE consignment.variant_id = level.variant_id
           AND (consignment.location_id IS NULL OR consignment.location_id = level.location_id)
           AND consignment.valid @> (%(now)s AT TIME ZONE location.time_zone)::date
         ORDER BY consignment.location_id NULLS LAST LIMIT 1) AS agreed ON true
  LEFT JOIN network_ownership AS company
         ON company.location_id = level.location_id AND company.valid @> (%(now)s AT TIME ZONE location.time_zone)::date
 WHERE level.variant_id IN (SELECT variant_id FROM inventory_consignment)
   AND (%(variants)s::bigint[] IS NULL OR level.variant_id = ANY(%(variants)s))
   AND level.condition <> 'in_transit' AND (level.on_hand <> 0 OR level.reserved <> 0)
   AND (agreed.supplier_id IS NOT NULL OR owner.kind = 'supplier')
   AND level.owner_id <> COALESCE(agreed.supplier_id, company.legal_entity_id)
 ORDER BY level.location_id, level.variant_id, level.condition, level.owner_id"""
