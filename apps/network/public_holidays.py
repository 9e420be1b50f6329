"""The public holidays of a country, from a library that keeps them."""

import datetime as dt
from functools import lru_cache

from django.utils.translation import get_language


def is_public_holiday(day: dt.date, *, country: str) -> bool:
    """Whether nobody has to work there on that day; of a country that nobody knows the holidays of, no day is one."""
    return day in _of_year(country, day.year, None)


def public_holidays(*, country: str, year: int) -> dict[dt.date, str]:
    """The holidays of a year with their names, in the language of the page where the library speaks it."""
    return _of_year(country, year, get_language())


@lru_cache(maxsize=256)
def _of_year(country: str, year: int, language: str | None) -> dict[dt.date, str]:
    # Takes half a second to import, which only those pay who ask.
    import holidays

    if country not in holidays.list_supported_countries(include_aliases=False):
        return {}
    known = holidays.list_localized_countries(include_aliases=False).get(country, [])
    spoken = next((one for one in known if language and one.split("_")[0] == language.split("-")[0]), None)
    return dict(sorted(holidays.country_holidays(country, years=[year], language=spoken).items()))
