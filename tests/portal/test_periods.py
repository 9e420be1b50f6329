import datetime as dt

import pytest
from django.http import QueryDict

from apps.portal.periods import Period, choices, read_period

LAST = dt.date(2026, 11, 21)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("query", "start", "end", "name"),
    [
        ("", "2026-10-23", "2026-11-21", "month"),
        ("period=week", "2026-11-15", "2026-11-21", "week"),
        ("period=year", "2025-11-22", "2026-11-21", "year"),
        ("period=nonsense", "2026-10-23", "2026-11-21", "month"),
        ("from=2026-03-01&to=2026-03-31", "2026-03-01", "2026-03-31", ""),
        ("to=2026-03-31", "2026-03-02", "2026-03-31", ""),
        ("from=2026-11-01", "2026-11-01", "2026-11-21", ""),
        ("from=2026-12-01", "2026-12-01", "2026-12-01", ""),
        ("from=2026-03-31&to=2026-03-01", "2026-10-23", "2026-11-21", "month"),
        ("from=1000-01-01&to=2026-03-01", "2026-01-31", "2026-03-01", ""),
        ("from=1901-01-01&to=2026-03-01", "2026-10-23", "2026-11-21", "month"),
        ("from=x&to=%00", "2026-10-23", "2026-11-21", "month"),
    ],
)
def test_the_address_says_which_days(query, start, end, name):
    assert read_period(QueryDict(query), last=LAST) == (Period(day(start), day(end)), name)


def test_what_a_period_is_compared_with():
    # given
    period = Period(day("2026-02-01"), day("2026-02-28"))
    # then
    assert period.before == Period(day("2026-01-04"), day("2026-01-31"))
    assert period.year_before == Period(day("2025-02-01"), day("2025-02-28"))
    assert Period(day("2024-02-29"), day("2024-02-29")).year_before.start == day("2023-02-28")


def test_its_weeks_and_months_cover_it_without_overlap():
    # given
    period = Period(day("2025-12-17"), day("2026-02-03"))
    # when / then
    for parts in (period.weeks, period.months):
        assert [d for part in parts for d in part] == list(period)
    assert [part.start.isoformat() for part in period.months] == ["2025-12-17", "2026-01-01", "2026-02-01"]
    assert {part.start.weekday() for part in period.weeks[1:]} == {0}


def test_the_switch_shows_which_is_current():
    assert [choice.value for choice in choices("week") if choice.current] == ["week"]
    assert [choice for choice in choices("") if choice.current] == []
