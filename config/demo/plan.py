"""How large the demo is, and where its chance comes from."""

import datetime as dt
import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
HISTORY_DAYS = 400
FORMULA = "Moswijk"
ACTOR = "system"

# The chain in full: 600 stores, of which 90 franchisees own 220.
_FULL = 600
_FRANCHISED, _FRANCHISEES = 220, 90
_ABROAD = {"BE": 14, "DE": 10}


@dataclass(frozen=True)
class Plan:
    """The sizes asked for. `today` is the day on which the demo stands."""

    seed: int
    stores: int
    orders: int
    today: dt.date

    def chance(self, part: str) -> random.Random:
        """A source of chance for one part, so that a change in one part does not stir up the others."""
        return random.Random(f"{self.seed}/{part}")

    @property
    def starts_on(self) -> dt.date:
        """The first day of sales."""
        return self.today - dt.timedelta(days=HISTORY_DAYS)

    @property
    def franchised_stores(self) -> int:
        return max(2, round(self.stores * _FRANCHISED / _FULL)) if self.stores > 3 else 1

    @property
    def franchisees(self) -> int:
        return max(1, round(self.stores * _FRANCHISEES / _FULL))

    def stores_in(self, country: str) -> int:
        """How many of the stores are in Belgium or Germany."""
        share = round(self.stores * _ABROAD[country] / _FULL)
        return max(1, share) if self.stores >= 12 else share

    @property
    def products(self) -> int:
        """How many products there are; fewer in a handful of stores."""
        return 400 if self.stores >= 50 else 120

    @property
    def people(self) -> int:
        """How many customers are known."""
        return max(40, self.orders // 5)

    def moment(self, day: dt.date, hour: float) -> dt.datetime:
        """A moment of a day by the Dutch clock, as aware UTC time."""
        local = dt.datetime.combine(day, dt.time(), tzinfo=ZONE) + dt.timedelta(hours=hour)
        return local.astimezone(dt.UTC)
