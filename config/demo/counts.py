"""Counts in the store of the demo, one in each state. What they find is little, and nothing that the tour orders."""

import uuid
from decimal import Decimal

from apps.catalogue.services.pricing import prices_in_force
from apps.core.acting import because
from apps.inventory.models import Count, PlaceLevel, StockLevel
from apps.inventory.services.counts.closing import submit_count
from apps.inventory.services.counts.noting import note_counted
from apps.inventory.services.counts.opening import open_count
from apps.inventory.services.counts.recounting import withdraw_count
from apps.network.models import Channel
from config.demo.chain import Chain
from config.demo.plan import Plan
from config.demo.staff import Staff
from config.demo.stock import TOUR

_AT_ONCE = 8


class Counting:
    """Counts as the people of the store do, along the shelves."""

    def __init__(self, plan: Plan, chain: Chain, staff: Staff) -> None:
        self.store = chain.demo_store
        self.associate = f"user:{staff.users['store_associate'].pk}"
        self.manager = f"user:{staff.users['store_manager'].pk}"
        quiet = StockLevel.objects.saleable().filter(location=self.store, on_hand__gte=2, reserved=0)
        levels = list(quiet.exclude(variant__sku__in=TOUR).select_related("variant").order_by("variant__sku"))
        plan.chance("counts").shuffle(levels)
        self.levels = levels

    def count(self) -> int:
        """Write the counts; how many there are."""
        rounds = [self.levels[start : start + _AT_ONCE] for start in range(0, 4 * _AT_ONCE, _AT_ONCE)]
        if not all(rounds):
            return 0
        little, much, half, none = rounds
        channel = Channel.objects.get(location=self.store)
        prices = prices_in_force(channel=channel, variant_ids=[level.variant_id for level in little])
        little.sort(key=lambda level: prices.get(level.variant_id, 0))  # what is dear needs approval for a single piece
        self._submit(little, off=Decimal(-1))
        self._submit(much, off=Decimal(6))
        self._go_past(self._open(half), half[: (len(half) + 1) // 2])
        self._open(none)
        with because("Twee keer geopend."):
            withdraw_count(count=self._open(none), actor=self.manager)
        return Count.objects.count()

    def _open(self, levels: list[StockLevel]) -> Count:
        return open_count(
            location=self.store,
            basis=Count.Basis.GIVEN,
            actor=self.manager,
            token=uuid.uuid4(),
            variant_ids=[level.variant_id for level in levels],
        )

    def _submit(self, levels: list[StockLevel], *, off: Decimal) -> None:
        """All of it is counted, one product differs."""
        count = self._open(levels)
        self._go_past(count, levels, off=off)
        submit_count(count=count, actor=self.associate)

    def _go_past(self, count: Count, levels: list[StockLevel], *, off: Decimal = Decimal(0)) -> None:
        """Note what lies on each shelf; the first product differs by so many on its last shelf."""
        for level in levels:
            shelves = PlaceLevel.objects.filter(location=self.store, variant=level.variant_id, quantity__gt=0)
            codes = list(shelves.order_by("-quantity").values_list("place__code", "quantity"))
            rest = level.on_hand + (off if level is levels[0] else 0)
            for code, quantity in codes[1:]:
                here = min(quantity, rest)
                rest -= here
                self._note(count, level, code, here)
            self._note(count, level, codes[0][0] if codes else "", rest)

    def _note(self, count: Count, level: StockLevel, shelf: str, quantity: Decimal) -> None:
        note_counted(
            count=count,
            variant=level.variant,
            shelf=shelf,
            quantity=quantity,
            actor=self.associate,
            token=uuid.uuid4(),
        )
