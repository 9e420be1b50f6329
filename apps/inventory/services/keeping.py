"""What is kept back: rules looked up the most specific first, and safety stock written on the levels it is for.

Rules are few and kept per process for a moment; levels are many, so each carries what the rules say of it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from apps.catalogue.models import Category
from apps.core.errors import Conflict
from apps.core.retry import retried
from apps.inventory.models import ChannelThreshold, Method, SafetyRule, StockLevel

KEPT_SECONDS = 30.0
"""How long another process may go on by the rules before."""

ZERO = Decimal(0)

Goods = tuple[str, int] | None  # ("variant", id), ("category", id), or all goods
Place = int | str  # a location's id, a kind of location, or "" for everywhere


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, ready to be looked up, and the categories above each category, itself first."""

    safety: Mapping[tuple[Goods, Place, str], Decimal]
    thresholds: Mapping[tuple[str, Goods], Decimal]
    above: Mapping[int, tuple[int, ...]]
    read_at: float = field(default_factory=time.monotonic)

    def safety_of(
        self, *, variant_id: int, category_id: int | None, location_id: int, kind: str, method: Method
    ) -> Decimal:
        """What a location keeps of a variant from customers who get it this way."""
        places: tuple[Place, ...] = (location_id, kind, "")
        for key in product(self._goods(variant_id, category_id), places, (str(method), "")):
            if key in self.safety:
                return self.safety[key]
        return ZERO

    def threshold_of(self, *, channel: str, variant_id: int, category_id: int | None) -> Decimal:
        """What a channel (by its code) leaves of what the chain can send."""
        for goods in self._goods(variant_id, category_id):
            if (channel, goods) in self.thresholds:
                return self.thresholds[channel, goods]
        return ZERO

    def has_threshold(self, channel: str) -> bool:
        """Whether a channel keeps anything back at all."""
        return any(of == channel for of, _goods in self.thresholds)

    def _goods(self, variant_id: int, category_id: int | None) -> Sequence[Goods]:
        above = self.above.get(category_id, ()) if category_id is not None else ()
        return (("variant", variant_id), *(("category", id_) for id_ in above), None)


_kept: Rules | None = None


def rules() -> Rules:
    """The rules as of a moment ago."""
    global _kept
    if _kept is None or time.monotonic() - _kept.read_at > KEPT_SECONDS:
        _kept = _read()
    return _kept


def forget() -> None:
    """Read the rules anew at the next question: after a change, and between tests."""
    global _kept
    _kept = None


def _read() -> Rules:
    return Rules(
        safety=_safety_rules(),
        thresholds={
            (threshold.channel.code, _goods_of(threshold)): threshold.quantity
            for threshold in ChannelThreshold.objects.select_related("channel")
        },
        above=_categories_above(),
    )


def _safety_rules() -> dict[tuple[Goods, Place, str], Decimal]:
    return {
        (_goods_of(rule), rule.location_id or rule.location_kind, rule.method): rule.quantity
        for rule in SafetyRule.objects.all()
    }


def _categories_above() -> dict[int, tuple[int, ...]]:
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    return {id_: _upwards(id_, parents) for id_ in parents}


def _goods_of(rule: SafetyRule | ChannelThreshold) -> Goods:
    if rule.variant_id is not None:
        return ("variant", rule.variant_id)
    return ("category", rule.category_id) if rule.category_id is not None else None


def _upwards(id_: int, parents: Mapping[int, int | None]) -> tuple[int, ...]:
    found: list[int] = []
    at: int | None = id_
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return tuple(found)


def below(category_id: int) -> set[int]:
    """A category and those under it."""
    return {id_ for id_, above in _categories_above().items() if category_id in above}


@transaction.atomic
def put_rule(*, rule: SafetyRule | ChannelThreshold) -> None:
    """Save a rule, new or changed. A threshold holds within `KEPT_SECONDS`; what safety stock says is written on the stock
    levels by `write_safety`. Raises Conflict when there is one about the same already.
    """
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        if any(name in str(error) for name in ("one_safety_rule", "one_threshold")):
            raise Conflict(_("There is a rule about this already; change that one.")) from error
        raise
    transaction.on_commit(forget)


@transaction.atomic
def drop_rule(*, rule: SafetyRule | ChannelThreshold) -> None:
    """Take a rule out; the next most specific one holds from now on."""
    rule.delete()
    transaction.on_commit(forget)


AT_ONCE = 2000


@retried
@transaction.atomic
def write_safety(*, after: int = 0, variant_id: int | None = None) -> tuple[int, int, int]:
    """Write what the rules say on the next `AT_ONCE` levels behind id `after`: (id of the last, how many read, how many changed).

    With `variant_id` only on the levels of that variant.
    """
    levels = StockLevel.objects.saleable().filter(pk__gt=after).order_by("pk")
    if variant_id is not None:
        levels = levels.filter(variant=variant_id)
    known = _read()
    read = list(levels.values_list(*_LOOKED_AT)[:AT_ONCE])
    changed = [(pk, *told) for pk, *of, collect, delivery in read if (told := _told(known, *of)) != (collect, delivery)]
    _write(changed)
    return (read[-1][0] if read else after), len(read), len(changed)


def keep_safety(level_ids: Sequence[int]) -> None:
    """Write what the rules say now on levels that are new: few are, so the rules are read and not taken from memory."""
    safety = _safety_rules() if level_ids else {}
    if safety:
        known = Rules(safety=safety, thresholds={}, above=_categories_above())
        rows = StockLevel.objects.saleable().filter(pk__in=level_ids).values_list(*_LOOKED_AT)
        _write([(pk, *_told(known, *of)) for pk, *of, _collect, _delivery in rows])


_LOOKED_AT = (
    *("pk", "variant_id", "variant__product__category_id", "location_id", "location__kind"),
    *("safety_collect", "safety_delivery"),
)


def _told(known: Rules, variant_id: int, category_id: int | None, location_id: int, kind: str) -> tuple[Decimal, ...]:
    of: Callable[..., Decimal] = known.safety_of
    where: dict[str, Any] = {"variant_id": variant_id, "category_id": category_id, "location_id": location_id}
    return tuple(of(**where, kind=kind, method=method) for method in (Method.COLLECT, Method.DELIVERY))


def _write(changed: Sequence[tuple[Any, ...]]) -> None:
    """Locked in key order, as everybody does who writes to several levels."""
    if not changed:
        return
    ids, collect, delivery = (list(column) for column in zip(*changed, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT FROM inventory_stocklevel WHERE id = ANY(%s)
                ORDER BY location_id, variant_id, condition, owner_id FOR NO KEY UPDATE""",
            [ids],
        )
        cursor.execute(
            """UPDATE inventory_stocklevel AS level SET safety_collect = k.collect, safety_delivery = k.delivery
                 FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS k(id, collect, delivery)
                WHERE level.id = k.id""",
            [ids, collect, delivery],
        )
