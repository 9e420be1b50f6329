import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.kpis.models import DailySales, Goal
from apps.kpis.services.goals import progress_of, set_goal, yearly_growth
from tests.franchise.chain import HEAD_OFFICE, Chain, read_events
from tests.staff import person

NEW_YEAR = dt.date(2026, 1, 1)


def goal(**changed) -> Goal:
    given = {
        "slug": "online-25",
        "name": "A quarter more online",
        "measure": "online_sales",
        "currency": "EUR",
        "baseline": Decimal("1000000"),
        "baseline_source": "Annual report 2025",
        "target": Decimal("1250000"),
        "starts_on": NEW_YEAR,
        "ends_on": dt.date(2029, 12, 31),
    } | changed
    return set_goal(**given, owner=changed.get("owner") or person("Mirjam", HEAD_OFFICE))


def sell(chain: Chain, amount: str, day: dt.date) -> None:
    chain.sale(chain.web, lines=[("A1", "1", amount, None)], day=day, method="delivery")


def test_milestones_lie_on_the_compound_path(db):
    # when
    made = goal()
    # then: 25 % in four years is 5.74 % a year
    assert [(m.due_on.isoformat(), round(m.value)) for m in made.milestones.all()] == [
        ("2026-12-31", 1_057_371),
        ("2027-12-31", 1_118_034),
        ("2028-12-31", 1_182_177),
        ("2029-12-31", 1_250_000),
    ]
    assert round(yearly_growth(made), 4) == Decimal("0.0574")


def test_a_goal_may_go_down(db):
    made = goal(measure="return_rate", currency="", baseline=Decimal("0.20"), target=Decimal("0.15"))
    assert [m.value < made.baseline for m in made.milestones.all()] == [True] * 4
    assert made.milestones.last().value == Decimal("0.1500")


@pytest.mark.parametrize(
    ("wrong", "attr"),
    [
        ({"ends_on": dt.date(2029, 6, 30)}, "ends_on"),
        ({"ends_on": dt.date(2025, 12, 31)}, "ends_on"),
        ({"measure": "happiness"}, "measure"),
        ({"baseline": Decimal(0)}, "baseline"),
        ({"currency": ""}, "currency"),
    ],
)
def test_a_goal_that_cannot_be_measured_is_refused(db, wrong, attr):
    with pytest.raises(InvalidInput) as refused:
        goal(**wrong)
    assert refused.value.faults[0].attr == attr
    assert not Goal.objects.exists()


def test_a_year_may_start_in_the_middle(db):
    made = goal(starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2028, 6, 30))
    assert [m.due_on for m in made.milestones.all()] == [dt.date(2027, 6, 30), dt.date(2028, 6, 30)]


def test_progress_is_over_the_last_twelve_months(chain):
    # given: sales for more than a year
    sell(chain, "5.00", dt.date(2025, 1, 1))
    sell(chain, "700000.00", dt.date(2025, 12, 31))
    sell(chain, "400000.00", dt.date(2026, 12, 30))
    read_events()
    # when
    progress = progress_of(goal(), DailySales.objects.all())
    # then
    assert progress.value == Decimal("1100000.00")
    assert (progress.measured.start, progress.is_extrapolated) == (dt.date(2025, 12, 31), False)
    assert progress.is_on_path
    assert 1_050_000 < progress.path_today < 1_060_000
    assert progress.growth is None


def test_with_less_history_it_is_taken_over_a_whole_year(chain):
    # given: 73 days
    sell(chain, "100.00", dt.date(2026, 1, 1))
    sell(chain, "100.00", dt.date(2026, 3, 14))
    read_events()
    # when
    progress = progress_of(goal(), DailySales.objects.all())
    # then
    assert (progress.value, progress.is_extrapolated) == (Decimal("1000.00"), True)
    assert not progress.is_on_path


def test_two_years_of_sales_make_a_forecast(chain):
    # given: 10 % more in the second year, two years before the end
    last = dt.date(2027, 12, 31)
    sell(chain, "1000000.00", last - dt.timedelta(days=365 * 2 - 1))
    sell(chain, "1100000.00", last)
    read_events()
    # when
    progress = progress_of(goal(), DailySales.objects.all())
    # then
    assert progress.growth == Decimal("0.1")
    assert abs(progress.forecast - Decimal("1331000")) < 500
    assert round(progress.growth_needed, 3) == Decimal("0.066")


def test_a_share_is_not_taken_over_a_year(chain):
    # given
    sell(chain, "100.00", timezone.localdate())
    read_events()
    # when
    progress = progress_of(
        goal(measure="known_share", currency="EUR", baseline=Decimal("0.4"), target=Decimal("0.6")),
        DailySales.objects.all(),
    )
    # then
    assert (progress.value, progress.is_extrapolated) == (Decimal(0), False)
    assert progress.growth_needed is None


def test_without_sales_in_its_currency_there_is_no_progress(chain):
    sell(chain, "100.00", timezone.localdate())
    read_events()
    assert progress_of(goal(currency="GBP"), DailySales.objects.all()) is None
