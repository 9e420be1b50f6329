"""The decision where goods come from, on figures given by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from apps.inventory.models import Criterion
from apps.inventory.services.choosing import decide
from apps.inventory.services.decisions import ANY_OCCASION, Candidate, Occasion, Profile, Strategy, Verdict
from apps.network.directory import Entry
from apps.network.opening import Hours

VASE, LAMP = 1, 2
EVERY_DAY = Hours("Europe/Amsterdam")
NOT_ON_SATURDAY = Hours("Europe/Amsterdam", week=[*EVERY_DAY.week[:5], (), ()])
UNTIL_NOON = Hours("Europe/Amsterdam", parcel_cut_off=dt.time(12))
SATURDAY = dt.datetime(2026, 11, 21, 13, tzinfo=dt.UTC)
FOR_MONDAY = Occasion(asked_at=SATURDAY, by=dt.date(2026, 11, 23))


def place(
    id_: int,
    kind: str = "store",
    *,
    franchised: bool = False,
    agrees: bool = True,
    a_day: int | None = None,
    hours: Hours = EVERY_DAY,
) -> Entry:
    return Entry(
        id=id_,
        code=f"L{id_}",
        name=f"Location {id_}",
        kind=kind,
        city="Tiel",
        point=None,
        time_zone="Europe/Amsterdam",
        hours=hours,
        offers_collect=True,
        ships_orders=True,
        parcels_a_day=a_day,
        is_active=True,
        is_franchised=franchised,
        agrees=agrees,
    )


def having(
    entry: Entry, *, km: float | None = None, parcels: int = 0, sells: dict[int, int] | None = None, **free: int
) -> Candidate:
    """A location with so many vases and lamps free, which sells so many of them a day."""
    named = {"vase": VASE, "lamp": LAMP}
    return Candidate(
        entry,
        free={named[name]: Decimal(quantity) for name, quantity in free.items()},
        per_day={variant: Decimal(quantity) for variant, quantity in (sells or {}).items()},
        km=km,
        parcels=parcels,
    )


def decided(candidates, *strategies, vase=0, lamp=0, occasion=ANY_OCCASION, divides=False, **profile):
    return decide(
        profile=Profile(1, strategies, **profile),
        occasion=occasion,
        needed={variant: Decimal(n) for variant, n in ((VASE, vase), (LAMP, lamp)) if n},
        candidates=candidates,
        divides=divides,
    )


def whole(decision) -> dict[int, int]:
    """Which location sends each variant, where nothing is divided."""
    return {variant: location for variant, shares in decision.sends.items() for location in shares}


def verdicts(decision) -> dict[str, str]:
    return {judged.place.code: str(judged.verdict) for judged in decision.judged}


def test_one_parcel_rather_than_two_even_from_further_away():
    near, far = having(place(1), km=2, vase=5), having(place(2), km=90, vase=5, lamp=5)
    fewest = Strategy("Few", (Criterion.FEWEST_PARCELS, Criterion.NEAREST))
    nearest = Strategy("Near", (Criterion.NEAREST, Criterion.FEWEST_PARCELS))
    assert whole(decided([near, far], fewest, vase=1, lamp=1)) == {VASE: 2, LAMP: 2}
    assert whole(decided([near, far], nearest, vase=1, lamp=1)) == {VASE: 1, LAMP: 2}


def test_the_criterion_by_which_another_came_first_is_kept():
    decision = decided(
        [
            having(place(1), km=9, vase=5),
            having(place(2, franchised=True), km=1, vase=5),
            having(place(3), km=4, vase=5),
        ],
        Strategy("Own", (Criterion.OWN_FIRST, Criterion.NEAREST)),
        vase=1,
    )
    assert whole(decision) == {VASE: 3}
    assert [(j.place.code, j.verdict, j.detail) for j in decision.judged] == [
        ("L3", Verdict.CHOSEN, ""),
        ("L1", Verdict.LATER, Criterion.NEAREST),
        ("L2", Verdict.LATER, Criterion.OWN_FIRST),
    ]


@pytest.mark.parametrize(
    ("left_out", "rule", "verdict"),
    [
        (having(place(9, agrees=False, franchised=True), vase=5), {}, Verdict.NO_CONSENT),
        (having(place(9, "dc"), vase=5), {"sources": "store"}, Verdict.OTHER_KIND),
        (having(place(9, franchised=True), vase=5), {"only_own": True}, Verdict.FRANCHISED),
        (having(place(9), km=31, vase=5), {"most_km": 30}, Verdict.TOO_FAR),
        (having(place(9), vase=5), {"most_km": 30}, Verdict.TOO_FAR),
        (having(place(9, a_day=4), parcels=4, vase=5), {}, Verdict.FULL),
        (having(place(9), vase=1), {}, Verdict.TOO_LITTLE),
        (having(place(9), sells={VASE: 1}, vase=5), {"keep_days": 4}, Verdict.KEEPS),
    ],
)
def test_why_a_location_does_not_send(left_out, rule, verdict):
    sender = having(place(1), km=8, vase=9)
    decision = decided([left_out, sender], Strategy("S", (Criterion.FEWEST_PARCELS,), **rule), vase=2)
    assert whole(decision) == {VASE: 1}
    assert verdicts(decision) == {"L1": "chosen", "L9": verdict}


def test_who_could_not_send_it_before_is_not_asked_again():
    decision = decided(
        [having(place(1), vase=5), having(place(2), vase=5)], vase=1, occasion=Occasion(refused=frozenset({1}))
    )
    assert whole(decision) == {VASE: 2}
    assert verdicts(decision)["L1"] == Verdict.REFUSED


def test_a_store_keeps_what_its_own_customers_buy_a_warehouse_does_not():
    rule = Strategy("Keep", (Criterion.FEWEST_PARCELS,), keep_days=10)
    slow, quick = having(place(1), sells={VASE: 0}, vase=3), having(place(2), sells={VASE: 2}, vase=20)
    assert verdicts(decided([slow, quick], rule, vase=1)) == {"L1": "chosen", "L2": "keeps"}
    assert whole(decided([having(place(3, "dc"), sells={VASE: 2}, vase=3)], rule, vase=3)) == {VASE: 3}


def test_what_lies_longest_goes_first_and_the_quietest_store_before_a_busy_one():
    slow, quick = having(place(1), sells={VASE: 1}, vase=9), having(place(2), sells={VASE: 3}, vase=9)
    assert whole(decided([quick, slow], Strategy("Clear", (Criterion.SLOWEST_STOCK,)), vase=1)) == {VASE: 1}
    busy, quiet = having(place(1, a_day=10), parcels=9, vase=5), having(place(2, a_day=4), parcels=1, vase=5)
    assert whole(decided([busy, quiet], Strategy("Even", (Criterion.LEAST_BUSY,)), vase=1)) == {VASE: 2}


def test_the_first_strategy_that_can_send_everything_decides():
    candidates = [having(place(1, "dc"), vase=5), having(place(2), vase=5, lamp=5)]
    warehouse = Strategy("Warehouse", (Criterion.FEWEST_PARCELS,), sources="dc")
    stores = Strategy("Stores", (Criterion.FEWEST_PARCELS,), sources="store")
    decision = decided(candidates, warehouse, stores, vase=1, lamp=1)
    assert (decision.strategy.name, whole(decision)) == ("Stores", {VASE: 2, LAMP: 2})
    assert list(decision.passed) == [("Warehouse", 1)]


def test_more_parcels_than_allowed_is_no_way_to_send_it():
    candidates = [having(place(1), vase=5), having(place(2), lamp=5)]
    one = Strategy("One parcel", (Criterion.FEWEST_PARCELS,), most_parcels=1)
    decision = decided(candidates, one, vase=1, lamp=1)
    assert list(decision.passed) == [("One parcel", None)]
    assert whole(decision) == {VASE: 1, LAMP: 2}, "from anywhere, since no strategy fits"
    assert whole(decided(candidates, one, vase=1, lamp=1, takes_from_anywhere=False)) == {}


@pytest.mark.parametrize(
    ("condition", "fits", "does_not"),
    [
        ({"channels": ("web",)}, Occasion(channel="web"), Occasion(channel="app")),
        ({"countries": ("BE",)}, Occasion(country="BE"), Occasion(country="NL")),
        ({"speeds": ("same_day",)}, Occasion(speed="same_day"), Occasion(speed="standard")),
        ({"least_value": Decimal(50)}, Occasion(value=Decimal(50)), Occasion(value=Decimal("49.99"))),
        ({"most_value": Decimal(50)}, Occasion(value=Decimal("49.99")), Occasion(value=Decimal(50))),
        ({"most_value": Decimal(50)}, Occasion(value=Decimal(0)), Occasion()),
        ({"most_days": 2}, FOR_MONDAY, Occasion(asked_at=SATURDAY, by=dt.date(2026, 11, 24))),
        ({"most_days": 2}, FOR_MONDAY, Occasion(asked_at=SATURDAY)),
    ],
)
def test_when_a_strategy_applies(condition, fits, does_not):
    strategy = Strategy("S", (Criterion.FEWEST_PARCELS,), **condition)
    assert strategy.applies(fits)
    assert not strategy.applies(does_not)


def test_who_cannot_make_the_promised_day_is_left_out_and_why_is_kept():
    # given three stores, of which two send nothing any more on this Saturday afternoon
    candidates = [
        having(place(1, hours=NOT_ON_SATURDAY), km=1, vase=5),
        having(place(2, hours=UNTIL_NOON), km=2, vase=5),
        having(place(3), km=30, vase=5),
    ]
    near = Strategy("In time", (Criterion.NEAREST,), in_time=True)
    # when it is promised for Monday
    decision = decided(candidates, near, vase=1, occasion=FOR_MONDAY)
    # then
    assert whole(decision) == {VASE: 3}
    assert {j.place.code: (j.verdict, j.detail) for j in decision.judged} == {
        "L3": (Verdict.CHOSEN, ""),
        "L1": (Verdict.TOO_LATE, "closed_until:2026-11-23"),
        "L2": (Verdict.TOO_LATE, "cut_off:12:00"),
    }
    # and whoever was promised no day, or a later one, gets it from near by
    later = Occasion(asked_at=SATURDAY, by=dt.date(2026, 11, 24))
    assert [whole(decided(candidates, near, vase=1, occasion=o)) for o in (later, ANY_OCCASION)] == [{VASE: 1}] * 2


def test_what_has_waited_comes_in_time_if_it_can_and_late_rather_than_never():
    profile = Profile(1, (Strategy("In time", (Criterion.NEAREST,), in_time=True),), takes_from_anywhere=False)
    slow, quick = having(place(1, hours=NOT_ON_SATURDAY), km=1, vase=5), having(place(2), km=2, vase=5)

    def sent_from(*candidates: Candidate, waited: bool) -> tuple[dict[int, int], bool, list[tuple[str, int | None]]]:
        occasion = replace(FOR_MONDAY, has_waited=waited)
        needed = {VASE: Decimal(1)}
        decision = decide(profile=profile, occasion=occasion, needed=needed, candidates=candidates)
        return whole(decision), decision.without_day, list(decision.passed)

    assert sent_from(slow, quick, waited=True) == ({VASE: 2}, False, [])
    assert sent_from(slow, waited=True) == ({VASE: 1}, True, [("In time", 1)])
    assert sent_from(slow, waited=False) == ({}, False, [("In time", 1)])


def test_who_sends_nothing_in_weeks_is_too_late_for_any_day():
    sundays = having(place(1, hours=Hours("Europe/Amsterdam", week=[*[()] * 6, EVERY_DAY.week[0]])), vase=5)
    in_time = Strategy("In time", (Criterion.NEAREST,), in_time=True)
    assert whole(decided([sundays, having(place(2), vase=5)], in_time, vase=1, occasion=FOR_MONDAY)) == {VASE: 2}


def test_what_nobody_can_send_is_named_with_where_most_of_it_lies():
    decision = decided([having(place(1), vase=2), having(place(2), vase=4)], vase=9)
    assert whole(decision) == {VASE: 2}
    refused = decided([having(place(2), vase=4)], vase=9, occasion=Occasion(refused=frozenset({2})))
    assert whole(refused) == {}


def divided(candidates, strategy, **needed):
    return decided(candidates, strategy, divides=True, **needed)


ANY = Strategy("Any", (Criterion.FEWEST_PARCELS, Criterion.NEAREST), divides=True)


def test_what_no_location_has_enough_of_is_divided_over_as_few_as_can_be():
    candidates = [having(place(1), km=1, vase=1), having(place(2), km=9, vase=4), having(place(3), km=5, vase=3)]
    decision = divided(candidates, ANY, vase=6)
    assert decision.sends == {VASE: {2: 4, 3: 2}}
    assert verdicts(decision) == {"L2": "chosen", "L3": "chosen", "L1": "too_little"}
    nearest = replace(ANY, criteria=(Criterion.NEAREST,))
    assert divided(candidates, nearest, vase=6).sends == {VASE: {1: 1, 3: 3, 2: 2}}


def test_who_sends_something_already_comes_first_for_a_part():
    candidates = [having(place(1), km=1, vase=3), having(place(2), km=9, vase=3, lamp=1)]
    assert divided(candidates, ANY, vase=4, lamp=1).sends == {LAMP: {2: 1}, VASE: {2: 3, 1: 1}}


def test_whole_pieces_are_not_cut():
    candidates = [having(place(1), vase=2), having(place(2), vase=2)]
    candidates[0].free[VASE] = Decimal("2.5")
    assert divided(candidates, ANY, vase=4).sends == {VASE: {1: 2, 2: 2}}


def test_a_part_leaves_a_store_what_its_own_customers_buy():
    rule = replace(ANY, keep_days=1)
    candidates = [having(place(1), sells={VASE: 2}, vase=4), having(place(2), sells={VASE: 1}, vase=4)]
    assert divided(candidates, rule, vase=5).sends == {VASE: {2: 3, 1: 2}}
    decision = divided(candidates, rule, vase=6)
    assert decision.strategy.name == "", "more than both can spare comes from anywhere"


def test_only_a_strategy_that_divides_does_so_and_only_for_who_can_take_parts():
    candidates = [having(place(1), vase=2), having(place(2), vase=2)]
    whole_only = replace(ANY, name="Whole", divides=False)
    decision = divided(candidates, whole_only, vase=4)
    assert (decision.strategy.name, decision.passed) == ("", [("Whole", 1)])
    assert decided(candidates, ANY, vase=4).sends == {VASE: {1: 4}}, "where most of it lies, so that a refusal can say"


def test_more_than_there_is_in_all_is_named_with_all_there_is():
    candidates = [
        having(place(1), vase=2),
        having(place(2, franchised=True, agrees=False), vase=2),
        having(place(3), vase=1),
    ]
    assert divided(candidates, ANY, vase=4).sends == {VASE: {1: 2, 3: 1}}
    assert divided(candidates, ANY, vase=4, takes_from_anywhere=False).sends == {}


def test_a_part_more_than_the_parcels_allowed_is_no_way_to_send_it():
    candidates = [having(place(1), vase=2), having(place(2), vase=2)]
    assert divided(candidates, replace(ANY, most_parcels=1), vase=4).passed == [("Any", None)]
