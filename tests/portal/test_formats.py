import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone, translation

from apps.portal import formats

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("nl", "1234.50", "EUR", f"€{NB}1.234,50"),
        ("nl", "-3105.4", "EUR", f"−€{NB}3.105,40"),
        ("nl", "0", "EUR", f"€{NB}0,00"),
        ("nl", "1234567.89", "GBP", f"£{NB}1.234.567,89"),
        ("nl", "12.5", "SEK", f"SEK{NB}12,50"),
        ("en", "1234.50", "EUR", "€1,234.50"),
        ("en", "-3105.4", "GBP", "−£3,105.40"),
        ("en", "12.5", "SEK", f"SEK{NB}12.50"),
    ],
)
def test_money(language, amount, currency, text):
    with translation.override(language):
        assert formats.money(Decimal(amount), currency) == text


def test_money_rounds_half_up_but_shows_the_decimals_of_a_unit_price():
    with translation.override("nl"):
        assert formats.money(Decimal("0.1250"), "EUR") == f"€{NB}0,125"
        assert formats.money(Decimal("19.9500"), "EUR") == f"€{NB}19,95"
        assert formats.money(Decimal("0.00005"), "EUR") == f"€{NB}0,0001"
        assert formats.amount(Decimal("2.345")) == "2,35"
        assert formats.amount(Decimal("-2.345")) == "−2,35"


def test_an_amount_that_rounds_to_nothing_has_no_sign():
    with translation.override("nl"):
        assert formats.amount(Decimal("-0.001")) == "0,00"


def test_no_value_is_no_text():
    for shown in (formats.amount, formats.quantity, formats.percent, formats.when, formats.day, formats.clock):
        assert shown(None) == ""
    assert formats.money(None, "EUR") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [("3.000", "3"), ("1.250", "1,25"), ("-2", "−2"), ("12000", "12.000"), ("0.000", "0"), ("100", "100")],
)
def test_quantity(value, text):
    with translation.override("nl"):
        assert formats.quantity(Decimal(value)) == text


def test_percent():
    with translation.override("nl"):
        assert formats.percent(Decimal("0.218")) == "21,8%"
        assert formats.percent(-0.05) == "−5,0%"


@time_machine.travel("2026-11-21T13:05:00Z", tick=False)
def test_when_names_the_year_only_if_it_is_another():
    winter = dt.datetime(2026, 11, 13, 8, 14, tzinfo=dt.UTC)
    summer = dt.datetime(2025, 7, 1, 22, 30, tzinfo=dt.UTC)
    with translation.override("nl"), timezone.override("Europe/Amsterdam"):
        assert formats.when(winter) == f"13{NB}nov{NB}09:14"
        assert formats.when(summer) == f"2{NB}jul{NB}2025{NB}00:30"
        assert formats.when(dt.date(2026, 11, 20)) == f"vr{NB}20{NB}nov"
        assert formats.when(dt.date(2019, 5, 1)) == f"1{NB}mei{NB}2019"
        assert formats.day(winter) == "vrijdag 13 november 2026"
        assert formats.clock(winter) == "09:14"
    with translation.override("en"):
        assert formats.when(dt.date(2019, 5, 1)) == f"1{NB}May{NB}2019"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.timedelta(days=3, hours=21, minutes=40), f"3{NB}d{NB}21{NB}h"),
        (dt.timedelta(hours=2, minutes=5), f"2{NB}h{NB}05"),
        (dt.timedelta(minutes=12, seconds=59), f"12{NB}min"),
    ],
)
def test_duration(value, text):
    with translation.override("en"):
        assert formats.duration(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("6711AB", f"6711{NB}AB"),
        ("6711AB Ede", f"6711{NB}AB Ede"),
        ("2000", "2000"),
        ("12345 Essen", "12345 Essen"),
        ("", ""),
    ],
)
def test_postcode(value, text):
    assert formats.postcode(value) == text


def test_language():
    with translation.override("nl"):
        assert (formats.language("nl"), formats.language("en"), formats.language("xx")) == (
            "Nederlands",
            "Engels",
            "xx",
        )
