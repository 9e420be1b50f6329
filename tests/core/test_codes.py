"""What a scanned text says by itself."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.codes.gtins import with_check_digit
from apps.core.codes.measuring import parse_layout
from apps.core.codes.reading import Flaw, Reading, read_code

GTIN = "09520012345674"


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("9520012345674", GTIN),
        (" 95 20012 34567-4\n", GTIN),
        ("09520012345674", GTIN),
        ("96385074", "00000096385074"),  # GTIN-8
        ("036000291452", "00036000291452"),  # UPC-A
        ("]E09520012345674", GTIN),  # the scanner says which bars it saw
        ("]C10109520012345674", GTIN),  # GS1-128
        ("]d20109520012345674", GTIN),  # GS1 DataMatrix
        ("]Q30109520012345674", GTIN),  # GS1 QR
        ("0109520012345674", GTIN),  # a scanner that does not say
        ("(01)09520012345674", GTIN),  # as printed below the bars
        ("https://id.gs1.org/01/09520012345674", GTIN),
        ("https://www.moswijk.example/a/01/9520012345674/10/L7?17=261231", GTIN),  # any host, any length
        ("HTTPS://ID.GS1.ORG/01/09520012345674", GTIN),
    ],
)
def test_every_spelling_of_a_product_is_one_gtin(text: str, gtin: str) -> None:
    assert (read_code(text).gtin, read_code(text).flaw) == (gtin, None)


TOLD = {
    "gtin": GTIN,
    "lot": "L-7",
    "serial": "S1",
    "produced": dt.date(2026, 1, 2),
    "best_before": dt.date(2026, 12, 30),
    "use_by": dt.date(2026, 12, 31),
    "weight": Decimal("1.250"),
    "count": Decimal(6),
    "price": Decimal("12.99"),
}


@pytest.mark.parametrize(
    "text",
    [
        "]C1" + "0109520012345674" + "1126010215261230172612313103001250" + "10L-7\x1d21S1\x1d30" + "6\x1d39221299",
        "0109520012345674" + "1126010215261230172612313103001250" + "10L-7<GS>21S1{GS}37" + "6␝39221299",
        "(01)09520012345674(11)260102(15)261230(17)261231(3103)001250(10)L-7(21)S1(30)6(3922)1299",
        "https://id.gs1.org/01/09520012345674/10/L-7/21/S1?17=261231&15=261230&11=260102&3103=001250&30=6&3922=1299",
    ],
)
def test_lot_dates_weight_count_and_price_travel_with_the_product(text: str) -> None:
    reading = read_code(text)
    assert {name: getattr(reading, name) for name in TOLD} == TOLD


def test_a_date_without_a_day_is_the_last_of_its_month() -> None:
    assert read_code("(01)09520012345674(17)260200").use_by == dt.date(2026, 2, 28)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("9520012345675", Flaw.CHECK_DIGIT),
        ("96385075", Flaw.CHECK_DIGIT),
        ("(01)09520012345675(10)X", Flaw.CHECK_DIGIT),
        ("0109520012345675", Flaw.CHECK_DIGIT),
        ("https://id.gs1.org/01/09520012345675", Flaw.CHECK_DIGIT),
        ("010952001234567517251340", Flaw.CHECK_DIGIT),  # and a thirteenth month
        ("https://moswijk.example/sale", Flaw.NO_PRODUCT),
        ("https://[", Flaw.NO_PRODUCT),
        ("]C100340123450000000000", Flaw.NO_PRODUCT),  # a pallet
        ("(00)340123450000000000", Flaw.NO_PRODUCT),
        ("(((", Flaw.NO_PRODUCT),
        ("]d2", Flaw.NO_PRODUCT),
    ],
)
def test_a_code_that_has_the_form_but_not_the_sense_says_what_is_wrong(text: str, flaw: Flaw) -> None:
    assert (read_code(text).gtin, read_code(text).flaw) == ("", flaw)


def test_a_product_is_read_although_the_rest_is_damaged() -> None:
    reading = read_code("010952001234567417251340")  # a thirteenth month
    assert (reading.gtin, reading.flaw, reading.use_by) == (GTIN, Flaw.REST, None)


@pytest.mark.parametrize("text", ["T48101273642", "A-12-3", "karaf", "2620", "", "K7QWXZ23", "112345678901234567"])
def test_other_texts_are_left_to_those_who_know_them(text: str) -> None:
    reading = read_code(text)
    assert (reading.text, reading.is_plain) == (text, True)


def test_what_the_scanner_puts_before_a_card_is_taken_off() -> None:
    assert read_code("]C0T48101273642").text == "T48101273642"


# --- scales ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "article", "told"),
    [
        ("221234500345", "221234500000", {"price": Decimal("3.45")}),
        ("291234500482", "291234500000", {"weight": Decimal("0.482")}),
        ("231234100345", "231234000000", {"price": Decimal("3.45")}),  # with a check digit over the price
    ],
)
def test_a_scale_label_is_an_article_and_how_much(digits: str, article: str, told: dict[str, Any]) -> None:
    reading = read_code(with_check_digit(digits))
    assert reading.gtin == f"0{with_check_digit(digits)}"
    assert reading.article == f"0{with_check_digit(article)}"
    assert {name: getattr(reading, name) for name in told} == told
    assert reading.gtins == [reading.gtin, reading.article]


def test_a_misread_price_is_not_believed() -> None:
    good, bad = with_check_digit("231234100345"), with_check_digit("231234100354")
    assert (read_code(good).flaw, read_code(bad).flaw) == (None, Flaw.CHECK_DIGIT)


def test_prefixes_without_a_layout_are_numbers_like_others() -> None:
    code = with_check_digit("262012345678")
    assert read_code(code) == Reading(text=code, gtin=f"0{code}")


def test_which_digits_mean_what_is_a_setting(settings: Any) -> None:
    settings.MEASURE_CODES = {"20": "price:PPIIIIICVVVV:2", "27": "count:PPIIIIIIVVVV:0"}
    assert read_code(with_check_digit("271234560012")).count == 12
    assert read_code(with_check_digit("221234500345")).price is None


@pytest.mark.parametrize(
    ("prefix", "layout"),
    [
        ("22", "price:PPIIIIIVVVV:2"),
        ("22", "money:PPIIIIIVVVVV:2"),
        ("52", "price:PPIIIIIVVVVV:2"),
        ("22", "price:PPVVVVVVVVVV:2"),
        ("22", "price:PPIIIICVVVVV"),
        ("22", "price:PPIIIICVVVVV:x"),
        ("22", "price:PPICCICVVVVV:2"),
    ],
)
def test_a_layout_that_means_nothing_is_a_mistake_of_whoever_configures(prefix: str, layout: str) -> None:
    with pytest.raises(ValueError, match="MEASURE_CODES"):
        parse_layout(prefix, layout)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_code(text), Reading)


@given(st.text(alphabet="()0123456789]CdQ\x1dABhtps:/?=&.", max_size=60))
def test_no_text_that_looks_like_a_code_breaks_the_reader(text: str) -> None:
    assert isinstance(read_code(text), Reading)
