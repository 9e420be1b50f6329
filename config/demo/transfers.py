"""Goods between locations: transfers in every state, to and from the store of the demo; and stock that was corrected."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from apps.catalogue.models import Variant
from apps.inventory.models import Condition, Difference, Reason, StockLevel, Transfer, Unsent
from apps.inventory.services.correcting import adjust, change_condition
from apps.inventory.services.transfers.agreeing import agree_to_transfer, needs_consent
from apps.inventory.services.transfers.receiving import receive_transfer
from apps.inventory.services.transfers.requesting import request_transfer
from apps.inventory.services.transfers.sending import cancel_transfer, send_transfer
from apps.inventory.services.transfers.types import LATER, Counted
from apps.network.models import Location
from config.demo.chain import Chain
from config.demo.plan import ACTOR, Plan

_PLENTY = 5
_AGREEING = dt.timedelta(minutes=20)


class Moving:
    """Asks, sends and receives as the people of the stores do, some days or hours ago."""

    def __init__(self, plan: Plan, chain: Chain) -> None:
        self.chance = plan.chance("transfers")
        self.here = chain.demo_store
        self.dc = chain.dcs[0]
        dutch = [store for store in chain.stores if store.country == self.here.country and store != self.here]
        self.others = self.chance.sample(dutch, min(4, len(dutch)))
        # A franchisee of whom this store's owner has to ask.
        self.lender = next((store for store in dutch if needs_consent(sender=store, receiver=self.here)), None)
        self.now = timezone.now()

    def move(self) -> int:
        """Write the transfers; how many there are."""
        if not self.others:
            return 0
        first, *rest = self.others
        made = [
            self._ask(self.here, first, hours=3),
            self._ask(self.here, first, hours=1, agreed=False),
            self._ask(self.lender, self.here, hours=4, agreed=False) if self.lender is not None else None,
            self._partly_sent(self.here, first, hours=28),
            self._ask(self.here, rest[-1] if rest else first, hours=26),
            self._ask(self.dc, self.here, hours=2),
            self._sent(self.dc, self.here, hours=30),
            self._sent(first, self.here, hours=50),
            self._in_parts(self.dc, self.here, hours=20),
            *(self._arrived(sender, self.here, days) for days, sender in enumerate([self.dc, *rest], start=3)),
            self._cancelled(self.here, first, hours=80),
        ]
        self._correct()
        return sum(1 for transfer in made if transfer is not None)

    def _ask(self, sender: Location, receiver: Location, *, hours: int, agreed: bool = True) -> Transfer | None:
        """A request; where the sender has to agree they did, unless it still waits for that."""
        lines = self._goods(sender)
        if not lines:
            return None
        at = self.now - dt.timedelta(hours=hours)
        waits = needs_consent(sender=sender, receiver=receiver)
        transfer = request_transfer(
            sender=sender, receiver=receiver, lines=lines, reference="", actor=ACTOR, waits=waits, occurred_at=at
        )
        return agree_to_transfer(number=transfer.number, occurred_at=at + _AGREEING) if agreed else transfer

    def _sent(self, sender: Location, receiver: Location, *, hours: int) -> Transfer | None:
        transfer = self._ask(sender, receiver, hours=hours + 5)
        if transfer is None:
            return None
        at = self.now - dt.timedelta(hours=hours)
        counted = self._counted(transfer, "requested", Unsent.NEEDED_HERE, less=sender != self.dc)
        return send_transfer(number=transfer.number, sent=counted, actor=ACTOR, occurred_at=at)

    def _in_parts(self, sender: Location, receiver: Location, *, hours: int) -> Transfer | None:
        """The first box holds all but one piece of the first line, and a part of that box was unpacked."""
        transfer = self._partly_sent(sender, receiver, hours=hours)
        if transfer is None:
            return None
        unpacked, at = [Counted(1, Decimal(1), LATER)], self.now - dt.timedelta(hours=1)
        return receive_transfer(number=transfer.number, received=unpacked, actor=ACTOR, occurred_at=at)

    def _partly_sent(self, sender: Location, receiver: Location, *, hours: int) -> Transfer | None:
        transfer = self._ask(sender, receiver, hours=hours)
        if transfer is None:
            return None
        counted = self._counted(transfer, "requested", LATER, less=True)
        at = self.now - dt.timedelta(hours=hours - 2)
        return send_transfer(number=transfer.number, sent=counted, actor=ACTOR, occurred_at=at)

    def _arrived(self, sender: Location, receiver: Location, days: int) -> Transfer | None:
        transfer = self._sent(sender, receiver, hours=24 * days)
        if transfer is None:
            return None
        at = self.now - dt.timedelta(hours=24 * days - 20)
        counted = self._counted(transfer, "sent", Difference.MISSING, less=days == 4)
        return receive_transfer(number=transfer.number, received=counted, actor=ACTOR, occurred_at=at)

    def _cancelled(self, sender: Location, receiver: Location, *, hours: int) -> Transfer | None:
        transfer = self._ask(sender, receiver, hours=hours)
        if transfer is None:
            return None
        at = self.now - dt.timedelta(hours=hours - 4)
        return cancel_transfer(number=transfer.number, actor=ACTOR, occurred_at=at)

    def _counted(self, transfer: Transfer, counter: str, reason: str, *, less: bool) -> Sequence[Counted]:
        """All of each line; with `less` one piece of the first line is not there."""
        counted = []
        for line in transfer.lines.order_by("line"):
            wanted: Decimal = getattr(line, counter)
            is_short = less and line.line == 1 and wanted > 1
            counted.append(Counted(line.line, wanted - 1, reason) if is_short else Counted(line.line, wanted))
        return counted

    def _goods(self, sender: Location) -> list[tuple[Variant, Decimal]]:
        """Two or three things of which the sender has plenty."""
        free = F("on_hand") - F("reserved") - F("safety_collect")
        plenty = StockLevel.objects.saleable().filter(location=sender).annotate(free=free).filter(free__gte=_PLENTY)
        levels = list(plenty.select_related("variant").order_by("variant__sku"))
        chosen = self.chance.sample(levels, min(len(levels), self.chance.choice((2, 3))))
        return [(level.variant, Decimal(self.chance.randint(2, 4))) for level in chosen]

    def _correct(self) -> None:
        """A broken piece, one on display, one that was found."""
        goods = self._goods(self.here)
        if not goods:
            return
        variant = goods[0][0]
        told: dict[str, Any] = {"location": self.here, "quantity": Decimal(1), "reference": "", "actor": ACTOR}
        change_condition(variant=variant, source=Condition.SALEABLE, reason=Reason.DAMAGED, **told)
        change_condition(variant=goods[-1][0], source=Condition.SALEABLE, reason=Reason.DISPLAY, **told)
        adjust(variant=variant, reason=Reason.FOUND, **told)
