import pytest

from apps.network import directory
from apps.network.models import Location
from apps.network.postcodes import Point

READS = 4  # the locations, their timetables, days with other hours, and time slots
UTRECHT = Point(52.0907, 5.1214)


@pytest.fixture(autouse=True)
def stores(db: None) -> dict[str, Location]:
    return {
        code: Location.objects.create(code=code, name=code, postcode=postcode, city=code, latitude=lat, longitude=lon)
        for code, postcode, lat, lon in (
            ("S3", "1012AB", 52.37, 4.89),
            ("S2", "3511AB", 52.09, 5.12),
            ("S1", "nowhere", None, None),
            ("S4", "9711AB", None, None),  # known by its postcode alone
        )
    }


def codes(origin: Point | None) -> list[str]:
    found = directory.locations()
    return [found.by_id[id_].code for id_ in found.ranking(origin).order]


def test_the_nearest_come_first_and_the_unknown_last() -> None:
    assert codes(UTRECHT) == ["S2", "S3", "S4", "S1"]


def test_without_a_point_they_stand_by_code() -> None:
    assert codes(None) == ["S1", "S2", "S3", "S4"]


def test_distance_is_in_tenths_of_a_kilometre(stores: dict[str, Location]) -> None:
    km = directory.locations().ranking(UTRECHT).km
    assert km[stores["S2"].pk] == 0.1
    assert km[stores["S1"].pk] is None


def test_it_is_read_once_until_it_is_old_or_asked_about_something_new(django_assert_num_queries: object) -> None:
    directory.locations()
    with django_assert_num_queries(0):
        directory.locations()
    new = Location.objects.create(code="S5", name="S5", postcode="1012AB", city="x")
    with django_assert_num_queries(READS):
        assert directory.locations(knowing=[new.pk]).by_id[new.pk].code == "S5"
    Location.objects.create(code="S6", name="S6", postcode="1012AB", city="x")
    with django_assert_num_queries(READS):
        assert "S6" in directory.locations(code="S6").by_code


def test_a_change_shows_after_half_a_minute(stores: dict[str, Location], monkeypatch: pytest.MonkeyPatch) -> None:
    before = directory.locations()
    Location.objects.filter(code="S2").update(name="Utrecht Oudegracht")
    monkeypatch.setattr("time.monotonic", lambda: before.read_at + directory.KEPT_SECONDS + 1)
    assert directory.locations().by_code["S2"].name == "Utrecht Oudegracht"
