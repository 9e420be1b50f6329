"""Where a postcode lies, from tables that ship with the project (see data/README.md)."""

import csv
import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_EARTH_KM = 6371.0

# How many digits a country's postcodes have, and how far in number a code may lie from the one that stands in for it.
_DIGITS = {"NL": 4, "BE": 4, "DE": 5}
_NEIGHBOURHOOD = {"NL": 20, "BE": 500, "DE": 1500}


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def km_to(self, other: "Point") -> float:
        """Distance as the crow flies."""
        lat, other_lat = math.radians(self.latitude), math.radians(other.latitude)
        half_lat = math.sin((other_lat - lat) / 2)
        half_lon = math.sin(math.radians(other.longitude - self.longitude) / 2)
        return (
            2
            * _EARTH_KM
            * math.asin(math.sqrt(half_lat * half_lat + math.cos(lat) * math.cos(other_lat) * half_lon * half_lon))
        )


@cache
def _table(country: str) -> tuple[list[int], list[tuple[Point, str]]]:
    """Codes in order, and beside them where each lies and in which town."""
    name = "postcodes_nl.csv" if country == "NL" else "postcodes_abroad.csv"
    with (_DATA / name).open(newline="", encoding="utf-8") as file:
        rows = sorted(
            (int(row["postcode"]), row["city"], Point(float(row["latitude"]), float(row["longitude"])))
            for row in csv.DictReader(file)
            if row.get("country", "NL") == country
        )
    return [code for code, _, _ in rows], [(point, city) for _, city, point in rows]


def _parse(postcode: str, country: str) -> tuple[str, int] | None:
    """Country and number. Letters after the digits are Dutch, five digits are German, else `country` decides."""
    text = "".join(postcode.split()).upper()
    digits = text[: next((i for i, c in enumerate(text) if not ("0" <= c <= "9")), len(text))]
    letters = text[len(digits) :]
    if letters:
        if len(digits) != 4 or len(letters) != 2 or not (letters.isascii() and letters.isalpha()):
            return None
        country = "NL"
    elif len(digits) == 5:
        country = "DE"
    return (country, int(digits)) if digits and len(digits) == _DIGITS.get(country) else None


@lru_cache(maxsize=8192)
def centroid(postcode: str, *, country: str = "NL") -> Point | None:
    """The middle of a postcode area: `3511AB`, `3511 ab` and `3511` are one; a code not in the table is read as the
    nearest number near by. None for what is no postcode of a country we know."""
    parsed = _parse(postcode, country)
    if parsed is None:
        return None
    country, number = parsed
    codes, places = _table(country)
    at = bisect_left(codes, number)
    nearest = min(range(max(0, at - 1), min(len(codes), at + 1)), key=lambda i: abs(codes[i] - number))
    if abs(codes[nearest] - number) > _NEIGHBOURHOOD[country]:
        return None
    return places[nearest][0]


def towns(country: str = "NL") -> dict[str, list[tuple[int, Point]]]:
    """The postcodes of each town, in order: {town: [(number, where)]}."""
    found: dict[str, list[tuple[int, Point]]] = {}
    codes, places = _table(country)
    for code, (point, city) in zip(codes, places, strict=True):
        found.setdefault(city, []).append((code, point))
    return found
