"""The rules of the review: each reads a stretch of the log and says what a person should look at.

They find, they do not judge. The limits stand here, with what they are for; docs/decisions/0036-looks-are-reviewed.md has why.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet
from django.db.models.functions import Coalesce, Lower, Trunc

from apps.accounts.models import PersonalExport, User
from apps.customers.models import Customer, Identifier, SourceRecord
from apps.customers.review.models import Finding, Look, Watched
from apps.customers.review.reasons import with_reason

Rule, Outcome = Finding.Rule, Look.Outcome

TRIED_IN_A_QUARTER = 8  # attempts that found nobody, several, or were refused: a bad line gives three or four
NEIGHBOURS_A_DAY = 5  # different house numbers of one postcode, or numbers that differ in their end
GUESSED_A_DAY = 3  # addresses of customers that were not open
OUTLIER = 3.5  # robust z: distance to the median of colleagues in units of their median deviation
LEAST_FOR_OUTLIER, PEERS = 20, 4
MANY_WITHOUT_PEERS = 80  # customers a day, of somebody with too few colleagues to be compared with
OWN_DAYS, LEAST_OWN_DAYS = 7, 3  # a system has no colleagues: it is compared with its own days before
TIMES_OWN, LEAST_FOR_SYSTEM = 3, 500  # so many times its usual day, and at least so many customers
MANY_WITHOUT_DAYS = 5000  # customers a day, of a system that did not run before
NIGHT = (22, 7)  # hours of the chain's clock
REASON_BEFORE, REASON_AFTER = dt.timedelta(days=60), dt.timedelta(hours=4)
LARGE_EXPORT = 500  # rows
_FAILED = (Outcome.NONE, Outcome.AMBIGUOUS, Outcome.THROTTLED)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something for the review: of one principal on one day, about one customer or about several."""

    rule: Finding.Rule
    principal: str
    day: dt.date
    role: str = ""
    customer_key: UUID | None = None
    number: int = 1
    usual: float | None = None


def findings(*, since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """What all rules find in the looks between two moments. The same stretch gives the same findings."""
    for rule in (
        _of_persons,
        _tried,
        _neighbours,
        _guessed,
        _volume,
        _volume_of_systems,
        _at_night,
        _without_reason,
        _exports,
    ):
        yield from rule(since, until)


def _looks(since: dt.datetime, until: dt.datetime) -> QuerySet[Look]:
    return Look.objects.filter(day__gte=since.date(), at__gte=since, at__lt=until).order_by()


def _seen(since: dt.datetime, until: dt.datetime) -> QuerySet[Look]:
    """Looks of people at somebody; machines look up on behalf of the customer in front of them."""
    looks = _looks(since, until).filter(outcome=Outcome.ONE, customer_key__isnull=False)
    return looks.filter(principal__startswith="user:")


def _by_customer(looks: "QuerySet[Look]") -> Iterable[Any]:
    return looks.values("principal", "role", "day", "customer_key").annotate(number=Count("pk"))


def _of_persons(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """Oneself, a colleague, a well-known name."""
    rows = list(_by_customer(_seen(since, until)))
    now = _meant_now({row["customer_key"] for row in rows})
    who = _watched(set(now.values()))
    for row in rows:
        for user_id in who.get(now.get(row["customer_key"]), ()):
            own = row["principal"] == f"user:{user_id}"
            rule = Rule.WELL_KNOWN if user_id is None else Rule.ONESELF if own else Rule.COLLEAGUE
            yield Found(rule=rule, **row)


def _meant_now(keys: set[UUID]) -> dict[UUID, int]:
    """The customers that keys mean now: somebody may have been joined with another since they were looked at."""
    rows = Customer.objects.filter(key__in=keys)
    return dict(rows.values_list("key", Coalesce("merged_into", "pk")))


def _watched(customers: set[int]) -> dict[int | None, set[int | None]]:
    """Of these customers, the colleagues they are (by the list, or by their address of work), None for a well-known name."""
    who: dict[int | None, set[int | None]] = defaultdict(set)
    listed = Watched.objects.filter(ended_at=None, source_record__customer__in=customers)
    for customer, user_id in listed.values_list("source_record__customer", "user"):
        who[customer].add(user_id)
    mails = Identifier.objects.filter(kind=Identifier.Kind.EMAIL, source_record__customer__in=customers)
    held = list(mails.values_list("value", "source_record__customer"))
    addressed = User.objects.annotate(address=Lower("email")).filter(
        address__in={value.lower() for value, _customer in held}
    )
    staff = dict(addressed.values_list("address", "pk"))
    for value, customer in held:
        if value.lower() in staff:
            who[customer].add(staff[value.lower()])
    return who


def _of_day(rule: Finding.Rule, row: Any, usual: float | None = None) -> Found:
    """What somebody did on a day, about many customers."""
    return Found(
        rule=rule, principal=row["principal"], role=row["role"], day=row["day"], number=row["number"], usual=usual
    )


def _tried(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """Many attempts within a quarter of an hour that found nobody: somebody tries addresses."""
    quarter = Func(
        Func(F("at"), template="EXTRACT(EPOCH FROM %(expressions)s)"),
        template="(%(expressions)s / 900)::int",
        output_field=IntegerField(),
    )
    tried = _looks(since, until).filter(act=Look.Act.LOOK_UP, outcome__in=_FAILED).annotate(quarter=quarter)
    rows = tried.values("principal", "role", "day", "quarter").annotate(number=Count("pk"))
    worst: dict[tuple[str, dt.date], Found] = {}
    for row in rows.filter(number__gte=TRIED_IN_A_QUARTER).order_by("number"):
        worst[row["principal"], row["day"]] = _of_day(Rule.ENUMERATION, row)
    yield from worst.values()


def _neighbours(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """One street house by house, or numbers that differ in their end, also where somebody was found each time."""
    tried = _looks(since, until).filter(act=Look.Act.LOOK_UP).exclude(near="")
    rows = tried.values("principal", "role", "day", "near").annotate(number=Count("given", distinct=True))
    for row in rows.filter(number__gte=NEIGHBOURS_A_DAY).order_by("-number"):
        yield _of_day(Rule.ENUMERATION, row)


def _guessed(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    refused = _looks(since, until).filter(act=Look.Act.VIEW, outcome=Outcome.REFUSED)
    rows = refused.values("principal", "role", "day").annotate(number=Count("customer_key", distinct=True))
    for row in rows.filter(number__gte=GUESSED_A_DAY):
        yield Found(rule=Rule.GUESSED, **row)


def _volume(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """Far more customers in a day than colleagues of the same role. The median takes no notice of whoever stands out."""
    rows = _seen(since, until).values("principal", "role", "day").annotate(number=Count("customer_key", distinct=True))
    peers: dict[tuple[str, dt.date], list[Any]] = defaultdict(list)
    for row in rows:
        peers[row["role"], row["day"]].append(row)
    for group in peers.values():
        usual = median(each["number"] for each in group)
        spread = max(median(abs(each["number"] - usual) for each in group), 1.0)
        for each in group:
            outlies = 0.6745 * (each["number"] - usual) / spread > OUTLIER and each["number"] >= LEAST_FOR_OUTLIER
            if outlies if len(group) >= PEERS else each["number"] >= MANY_WITHOUT_PEERS:
                yield _of_day(Rule.VOLUME, each, usual=usual)


def _volume_of_systems(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """Far more customers in a day than the same system sees in a day: a list that is tried out always finds somebody."""
    for row in _seen_by_systems(_looks(since, until)).filter(number__gte=LEAST_FOR_SYSTEM):
        week = Look.objects.filter(day__gte=row["day"] - dt.timedelta(days=OWN_DAYS), day__lt=row["day"]).order_by()
        before = _seen_by_systems(week.filter(principal=row["principal"]))
        own = [each["number"] for each in before]
        usual = median(own) if len(own) >= LEAST_OWN_DAYS else None
        if row["number"] >= (MANY_WITHOUT_DAYS if usual is None else TIMES_OWN * usual):
            yield _of_day(Rule.VOLUME, row, usual=usual)


def _seen_by_systems(looks: QuerySet[Look]) -> Any:
    """How many customers each system found on each day, as rows."""
    seen = looks.filter(principal__startswith="client:", outcome=Outcome.ONE, customer_key__isnull=False)
    return seen.values("principal", "role", "day").annotate(number=Count("customer_key", distinct=True))


def _at_night(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    clock = ZoneInfo(settings.TIME_ZONE)
    hours = _seen(since, until).annotate(hour=Trunc("at", "hour", tzinfo=clock))
    evening, morning = NIGHT
    late = Q(hour__hour__gte=evening) | Q(hour__hour__lt=morning)
    rows = hours.filter(late).values("principal", "role", "day")
    for row in rows.annotate(number=Count("customer_key", distinct=True)):
        yield Found(rule=Rule.OUT_OF_HOURS, **row)


def _without_reason(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    """A customer whom nothing happened with, from two months before until some hours after somebody looked."""
    ripe = until - REASON_AFTER
    if ripe <= since:
        return
    rows = list(_by_customer(_seen(since, ripe).filter(with_case=False)))
    now = _meant_now({row["customer_key"] for row in rows})
    records: dict[int | None, list[int]] = defaultdict(list)
    of_these = SourceRecord.objects.filter(customer__in=set(now.values()))
    for customer, pk in of_these.values_list("customer", "pk"):
        records[customer].append(pk)
    explained = with_reason([pk for pks in records.values() for pk in pks], since=since - REASON_BEFORE, until=until)
    for row in rows:
        if not explained.intersection(records[now.get(row["customer_key"])]):
            yield Found(rule=Rule.NO_REASON, **row)


def _exports(since: dt.datetime, until: dt.datetime) -> Iterator[Found]:
    files = PersonalExport.objects.filter(exported_at__gte=since, exported_at__lt=until, rows__gte=LARGE_EXPORT)
    clock = ZoneInfo(settings.TIME_ZONE)
    for file in files:
        yield Found(
            rule=Rule.EXPORT, principal=file.principal, day=file.exported_at.astimezone(clock).date(), number=file.rows
        )


def as_rows(found: Iterable[Found]) -> Sequence[Finding]:
    """Findings to write; of two alike the greater one."""
    alike: dict[tuple[Any, ...], Found] = {}
    for each in found:
        key = (each.rule, each.principal, each.day, each.customer_key)
        if key not in alike or alike[key].number < each.number:
            alike[key] = each
    return [Finding(user_id=_user_id(each.principal), **vars(each)) for each in alike.values()]


def _user_id(principal: str) -> int | None:
    kind, _colon, key = principal.partition(":")
    return int(key) if kind == "user" and key.isdigit() else None
