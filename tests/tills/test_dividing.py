"""Whose money a ticket's tenders are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tills.services.dividing import divide_tenders
from apps.tills.tickets import TicketTender


def tender(method: str, amount: str) -> TicketTender:
    return TicketTender(method, Decimal(amount), "")


def divide(tenders, sold="0", collected=(), returned="0"):
    """({part: [(method, amount)]}) of a division."""
    d = divide_tenders(
        [tender(*t) for t in tenders],
        sold=Decimal(sold),
        collected=[Decimal(c) for c in collected],
        returned=Decimal(returned),
    )
    return [[(t.method, f"{t.amount.normalize():f}") for t in part] for part in (d.sold, *d.collected, d.returned)]


@pytest.mark.parametrize(
    ("tenders", "parts", "expected"),
    [
        ([("pin", "10")], {"sold": "10"}, [[("pin", "10")], []]),
        ([("pin", "4"), ("cash", "6")], {"sold": "10"}, [[("pin", "4"), ("cash", "6")], []]),
        ([("cash", "20"), ("cash", "-10")], {"sold": "10"}, [[("cash", "10")], []]),
        ([("pin", "5"), ("cash", "10"), ("cash", "-5")], {"sold": "10"}, [[("pin", "5"), ("cash", "5")], []]),
        ([("cash", "10"), ("pin", "5"), ("cash", "-5")], {"sold": "10"}, [[("cash", "5"), ("pin", "5")], []]),
        ([("pin", "-7")], {"returned": "7"}, [[], [("pin", "7")]]),
        ([("pin", "3")], {"sold": "10", "returned": "7"}, [[("pin", "3"), ("exchange", "7")], [("exchange", "7")]]),
        ([("pin", "-2")], {"sold": "5", "returned": "7"}, [[("exchange", "5")], [("pin", "2"), ("exchange", "5")]]),
        ([], {"sold": "7", "returned": "7"}, [[("exchange", "7")], [("exchange", "7")]]),
        ([("pin", "30")], {"sold": "10", "collected": ["20"]}, [[("pin", "10")], [("pin", "20")], []]),
        ([], {}, [[], []]),
    ],
)
def test_a_division(tenders, parts, expected):
    assert divide(tenders, **parts) == expected


cents = st.integers(min_value=0, max_value=100_000).map(lambda n: Decimal(n) / 100)


@given(
    cents,
    st.lists(cents, max_size=3),
    cents,
    st.lists(st.tuples(st.sampled_from(["pin", "cash"]), cents), max_size=3),
    cents,
)
def test_no_cent_is_lost_and_none_is_made(sold, collected, returned, first, change):
    # given: tenders that come to what is due, the last one in cash, with change out of the drawer
    due = sold + sum(collected, Decimal(0)) - returned
    told = [TicketTender(method, amount, "") for method, amount in first]
    told.append(TicketTender("cash", due - sum((t.amount for t in told), Decimal(0)) + change, ""))
    told.append(TicketTender("cash", -change, ""))
    # when
    divided = divide_tenders(told, sold=sold, collected=collected, returned=returned)
    # then
    assert sum((t.amount for t in divided.sold), Decimal(0)) == sold
    assert [sum((t.amount for t in part), Decimal(0)) for part in divided.collected] == collected
    assert sum((t.amount for t in divided.returned), Decimal(0)) == returned
    parts = [*divided.sold, *(t for part in divided.collected for t in part)]
    assert all(t.amount > 0 for t in (*parts, *divided.returned))
    through = {
        method: sum((t.amount for t in parts if t.method == method), Decimal(0))
        - sum((t.amount for t in divided.returned if t.method == method), Decimal(0))
        for method in ("pin", "cash", "exchange")
    }
    assert through["exchange"] == 0
    assert sum(through.values()) == sum((t.amount for t in told), Decimal(0))
