"""What a decision where goods come from is made of, and what it says: nothing here asks the database.

A profile is a list of strategies, tried in order on an occasion; candidates are the locations that could send something.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.inventory.models.sourcing import Criterion
from apps.network.directory import Entry
from apps.network.postcodes import Point


class Verdict(models.TextChoices):
    """What became of a location: chosen, or why not."""

    CHOSEN = "chosen", _("Sends it")
    REFUSED = "refused", _("Could not send it before")
    OTHER_TIME = "other_time", _("The customer chose a time at another location")
    ITSELF = "itself", _("It is collected there")
    NO_CONSENT = "no_consent", _("The franchisee has not agreed to send orders")
    OTHER_KIND = "other_kind", _("Not the kind of location that this strategy takes")
    FRANCHISED = "franchised", _("A franchisee's stock, which this strategy leaves alone")
    TOO_FAR = "too_far", _("Too far from the customer")
    TOO_LATE = "too_late", _("Would come after the promised day")
    FULL = "full", _("Has all the parcels that it can send that day")
    KEEPS = "keeps", _("Keeps it for its own customers")
    TOO_LITTLE = "too_little", _("Has not enough of it")
    LATER = "later", _("Others come first")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the rules look at: who asks, where it goes, and which locations (ids) failed before; when it was asked for, and by
    which day it is to be at the door, if that is known.

    `goes_to` is the store (id) where it is collected, that asks others for what it has not got itself.
    What has waited for stock takes it before anybody else, whatever a channel keeps back. `brought_by` is the location (id) in
    whose time slot it is brought: nobody else is asked, and no profile.
    """

    channel: str = ""
    country: str = ""
    speed: str = ""
    value: Decimal | None = None
    near: Point | None = None
    refused: frozenset[int] = frozenset()
    goes_to: int | None = None
    has_waited: bool = False
    asked_at: dt.datetime | None = None
    by: dt.date | None = None
    brought_by: int | None = None

    @property
    def days(self) -> int | None:
        """How many days after it was asked for it is to be there."""
        return (self.by - timezone.localdate(self.asked_at)).days if self.by and self.asked_at else None


ANY_OCCASION = Occasion()
"""Nothing is known of who asks, nor of where it goes."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as written down in a profile; see the model for what each means."""

    name: str
    criteria: tuple[str, ...]
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    speeds: tuple[str, ...] = ()
    least_value: Decimal | None = None
    most_value: Decimal | None = None
    sources: str = "all"
    only_own: bool = False
    most_days: int | None = None
    in_time: bool = False
    most_km: int | None = None
    most_parcels: int | None = None
    keep_days: int | None = None
    divides: bool = False
    minds_capacity: bool = True

    def applies(self, to: Occasion) -> bool:
        return (
            (not self.channels or to.channel in self.channels)
            and (not self.countries or to.country in self.countries)
            and (not self.speeds or to.speed in self.speeds)
            and (self.most_days is None or (to.days is not None and to.days <= self.most_days))
            and (self.least_value is None or (to.value is not None and to.value >= self.least_value))
            and (self.most_value is None or (to.value is not None and to.value < self.most_value))
        )


ANYWHERE = Strategy("", (Criterion.FEWEST_PARCELS, Criterion.WAREHOUSE_FIRST), divides=True, minds_capacity=False)
"""As few parcels as possible, distribution centres first: what is done without a profile, or when no strategy of it fits."""

IN_ITS_SLOT = Strategy("time_slot", (Criterion.FEWEST_PARCELS,), minds_capacity=False)
"""From the location that the customer chose with the time: what it can bring is bound by its slots."""

Sends = Mapping[int, Mapping[int, Decimal]]
"""Who sends how many of what: {variant id: {location id: quantity}}, in the order in which they were chosen."""


def senders(sends: Sends) -> set[int]:
    """The locations (ids) that send any of it: a parcel each."""
    return {location_id for shares in sends.values() for location_id in shares}


@dataclass(frozen=True, slots=True)
class Profile:
    """The strategies in order; `id` is None for the built-in one."""

    id: int | None = None
    strategies: tuple[Strategy, ...] = ()
    takes_from_anywhere: bool = True

    @property
    def looks_at_sales(self) -> bool:
        return any(s.keep_days or Criterion.SLOWEST_STOCK in s.criteria for s in self.strategies)

    @property
    def looks_at_distance(self) -> bool:
        return any(s.most_km or Criterion.NEAREST in s.criteria for s in self.strategies)


@dataclass(slots=True)
class Candidate:
    """A location with what it has free of the wanted variants, what it sells of them a day, and its parcels of the day."""

    place: Entry
    free: dict[int, Decimal] = field(default_factory=dict)
    per_day: dict[int, Decimal] = field(default_factory=dict)
    parcels: int = 0
    km: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate after the decision. `detail` is the criterion by which it came later, or what makes it late
    (`promise_dates.what_takes_long`)."""

    place: Entry
    verdict: Verdict
    km: float | None = None
    variants: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who sends what; of what cannot be sent in full it says where there is any, so that a refusal can say how much.

    `judged` are the candidates, the chosen first, at most `KEPT`; `others` counts the rest by verdict. `passed` names the
    strategies that were tried in vain, each with how many variants it left over; None says that it took more parcels than
    allowed. `without_day` says that nobody could make the promised day, and what has waited was tried again without it.
    """

    profile_id: int | None
    strategy: Strategy
    sends: Sends
    judged: Sequence[Judged]
    others: Mapping[Verdict, int]
    passed: Sequence[tuple[str, int | None]] = ()
    without_day: bool = False


KEPT = 60
"""How many candidates a decision names; the others are counted."""
