import pytest

from apps.network.postcodes import Point, centroid, towns


def test_a_postcode_is_read_with_or_without_space_letters_and_capitals() -> None:
    assert centroid("3511AB") == centroid("3511 ab") == centroid("3511")
    point = centroid("3511AB")
    assert point is not None
    assert point.km_to(Point(52.09, 5.12)) < 3  # the middle of Utrecht


@pytest.mark.parametrize("text", ["", "12", "0000AA", "3511ABC", "35111AB", "３５１１AB", "AB3511", "x" * 40])
def test_what_is_no_postcode_lies_nowhere(text: str) -> None:
    assert centroid(text) is None


def test_a_number_that_is_not_in_the_table_is_read_as_its_neighbour() -> None:
    # 1002 (boxes of the station in Amsterdam) was left out because the source put it in Rotterdam
    amsterdam, box = centroid("1012AB"), centroid("1002AB")
    assert amsterdam is not None
    assert box is not None
    assert box.km_to(amsterdam) < 5


def test_four_digits_are_belgian_for_a_belgian_channel_and_five_are_german() -> None:
    dutch, belgian, german = centroid("2000"), centroid("2000", country="BE"), centroid("47533")
    assert dutch is not None
    assert belgian is not None
    assert german is not None
    assert dutch.km_to(belgian) > 100  # Haarlem, Antwerpen
    assert german.latitude == pytest.approx(51.79, abs=0.01)  # Kleve


def test_distance_is_as_the_crow_flies() -> None:
    amsterdam, maastricht = Point(52.3728, 4.8936), Point(50.8514, 5.6910)
    assert amsterdam.km_to(maastricht) == pytest.approx(178, abs=2)
    assert amsterdam.km_to(amsterdam) == 0


def test_most_of_the_country_is_in_the_table() -> None:
    found = towns()
    assert sum(len(codes) for codes in found.values()) > 4600
    assert {"Amsterdam", "Groningen", "Middelburg", "Maastricht"} <= found.keys()
