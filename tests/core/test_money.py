"""Cents: rounded half-up once, spread without loss."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import line_amount, plain, price_text, spoken, spread, to_cents, vat_in

D = Decimal


@pytest.mark.parametrize(
    ("value", "cents"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("2.345", "2.35"), ("2.675", "2.68")],
)
def test_half_up(value, cents):
    assert to_cents(D(value)) == D(cents)


def test_a_line_is_rounded_before_its_discount():
    assert line_amount(unit_price=D("0.3333"), quantity=D("3"), discount=D("0.10")) == D("0.90")


def test_vat_contained_in_an_amount():
    assert vat_in(D("19.95"), D("21.00")) == D("3.46")
    assert vat_in(D("19.95"), None) is None


@given(
    st.decimals(min_value=-10_000, max_value=10_000, places=2), st.lists(st.integers(0, 1000), min_size=1, max_size=12)
)
def test_parts_always_add_up(amount, weights):
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert spread(-amount, weights) == [-p for p in parts]
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - amount * weight / sum(weights)) < D("0.01")


def test_ties_go_to_the_earliest():
    assert spread(D("0.01"), [1, 1]) == [D("0.01"), D("0.00")]
    assert spread(D("10.00"), [1, 1, 1]) == [D("3.34"), D("3.33"), D("3.33")]


def test_as_the_api_writes_them():
    assert [plain(D(q)) for q in ("2.000", "0.500", "10", "100.000")] == ["2", "0.5", "10", "100"]
    assert [price_text(D(p)) for p in ("19.9500", "20.0000", "0.0125", "1.2300")] == [
        "19.95",
        "20.00",
        "0.0125",
        "1.23",
    ]


def test_figures_in_sentences_are_written_as_their_reader_writes_them():
    with override("nl"):
        assert [spoken("12.50"), spoken(Decimal("0.5")), spoken("1250")] == ["12,50", "0,5", "1.250"]
    with override("en"):
        assert spoken("12.50") == "12.50"
