import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalogue.gtins import InvalidGtin, parse_gtin, shown
from apps.core.codes.gtins import with_check_digit


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("96385074", "00000096385074"),  # GTIN-8
        ("036000291452", "00036000291452"),  # GTIN-12
        ("9520012345674", "09520012345674"),  # GTIN-13
        ("95-2001 2345674", "09520012345674"),
        ("10614141000415", "10614141000415"),  # GTIN-14
    ],
)
def test_every_length_becomes_fourteen_digits(label: str, code: str) -> None:
    assert parse_gtin(label) == code


@pytest.mark.parametrize("text", ["", "9520012345675", "952001234568", "1234567", "95200123456a4"])
def test_a_misread_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidGtin):
        parse_gtin(text)


def test_a_code_is_shown_as_it_stands_on_the_label() -> None:
    assert shown(parse_gtin("9520012345674")) == "9520012345674"
    assert shown(parse_gtin("96385074")) == "96385074"
    assert shown("10614141000415") == "10614141000415"


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    code = with_check_digit(digits)
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    with pytest.raises(InvalidGtin):
        parse_gtin(wrong)
