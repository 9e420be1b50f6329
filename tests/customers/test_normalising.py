import pytest

from apps.customers.services import normalising


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        (" J.Jansen@Example.ORG ", "j.jansen@example.org"),
        ("jan+web@example.org", "jan+web@example.org"),
        ("geen adres", ""),
        ("", ""),
        (None, ""),
        ("a" * 260 + "@example.org", ""),
    ],
)
def test_an_email_address_has_one_form(typed: str | None, normal: str) -> None:
    assert normalising.email(typed) == normal


@pytest.mark.parametrize(
    ("typed", "region", "normal"),
    [
        ("06 12345678", "NL", "+31612345678"),
        ("+31612345678", "NL", "+31612345678"),
        ("0031 6 1234 5678", "NL", "+31612345678"),
        ("030-2345678", "NL", "+31302345678"),
        ("0470 12 34 56", "BE", "+32470123456"),
        ("+49 30 901820", "NL", "+4930901820"),
        ("06 12345678", "", "+31612345678"),
        ("12", "NL", ""),
        ("bel maar", "NL", ""),
        (None, "NL", ""),
    ],
)
def test_a_phone_number_is_kept_as_e164(typed: str | None, region: str, normal: str) -> None:
    assert normalising.phone(typed, region) == normal


@pytest.mark.parametrize(
    ("number", "suffix", "parts"),
    [
        ("12", "", ("12", "")),
        ("12", "a", ("12", "A")),
        ("12a", "", ("12", "A")),
        ("12-bis", "", ("12", "BIS")),
        ("012", "", ("12", "")),
        ("12 A", "2", ("12", "A 2")),
        ("onbekend", "", ("ONBEKEND", "")),
    ],
)
def test_number_and_addition_come_apart(number: str, suffix: str, parts: tuple[str, str]) -> None:
    assert normalising.house_number(number, suffix) == parts


@pytest.mark.parametrize(
    ("postcode", "number", "key"),
    [("3511 ab", "12", "3511AB-12"), ("3511AB", "12 bis", "3511AB-12"), ("3511AB", "", ""), ("", "12", "")],
)
def test_postcode_and_house_number_are_one_identifier(postcode: str, number: str, key: str) -> None:
    assert normalising.address_key(postcode, number) == key


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("2912 3456 7890 1", "2912345678901"), ("2912-3456", "29123456"), ("kaart 12", ""), ("12", ""), ("٣" * 13, "")],
)
def test_a_card_number_is_its_digits(typed: str, digits: str) -> None:
    assert normalising.card(typed) == digits


def test_text_is_one_line_that_fits_and_that_postgresql_takes() -> None:
    assert normalising.text("Jan\x00 \n Jansen\ud800", 60) == "Jan Jansen"
    assert normalising.text("x" * 100, 60) == "x" * 60
