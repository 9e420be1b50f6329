import pytest
from django.db import connection

from apps.core.spelling import faint_likeness, likeness, may_hide_a_slip, spelled_like
from apps.network.models import Location
from tests.people import make_location

__all__ = ["make_location"]

pytestmark = pytest.mark.django_db


def found(word: str) -> list[str]:
    return list(Location.objects.filter(spelled_like("name", word)).values_list("code", flat=True))


@pytest.mark.parametrize("word", ["amersfoort", "AMERSFOORT", "amersfort", "amersvoort", "amrsfoort", "foort", "am"])
def test_capitals_and_slips_make_no_difference(make_location, word):
    make_location("S1", name="Winkel Amersfoort")
    make_location("S2", name="Winkel Delft")
    assert found(word) == ["S1"]


def test_accents_make_no_difference_on_either_side(make_location):
    make_location("S1", name="Café Zoë")
    make_location("S2", name="Cafe Zoe")
    assert found("cafe") == found("CAFÉ") == ["S1", "S2"]


@pytest.mark.parametrize("word", ["100%", "_", "%%", "\\\\", "' OR 1=1", "(.*)"])
def test_a_sign_of_a_pattern_is_a_sign(make_location, word):
    make_location("S1", name="Winkel Delft")
    assert found(word) == []


def test_the_likeliest_comes_first(make_location):
    make_location("S1", name="Kussensloop")
    make_location("S2", name="Kussen")
    rows = Location.objects.filter(spelled_like("name", "kussen")).order_by(likeness("name", "kussen").desc())
    assert [row.code for row in rows] == ["S2", "S1"]


def test_a_number_is_not_misspelled(make_location):
    make_location("S1", name="Winkel 1780")
    make_location("S2", name="Winkel 1870")
    assert (found("1780"), found("178"), found("1708")) == (["S1"], ["S1"], [])


@pytest.mark.parametrize(("text", "hidden"), [("salei", True), ("kussen salei", True), ("leeuwrden", False)])
def test_only_a_short_word_hides_a_slip(text, hidden):
    assert may_hide_a_slip(text) is hidden


def test_faint_likeness_lasts_no_longer_than_its_block(make_location):
    make_location("S1", name="Vaas")
    make_location("S2", name="Kandelaar")
    assert found("vass") == []
    with faint_likeness():
        assert found("vass") == ["S1"]
    assert found("vass") == []


def test_plain_text_can_be_indexed():
    with connection.cursor() as cursor:
        cursor.execute("SELECT provolatile, core_plain('Crème BRÛLÉE ß') FROM pg_proc WHERE proname = 'core_plain'")
        assert cursor.fetchone() == ("i", "creme brulee ss")
