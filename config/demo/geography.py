"""Where a chain of this kind has its stores: towns and how many thousand people live there, roughly."""

import csv
import random
from pathlib import Path

from apps.network.postcodes import Point, towns

_TOWNS = Path(__file__).parent / "data" / "towns.csv"


def population(country: str) -> dict[str, int]:
    """How many thousand people live in each town."""
    with _TOWNS.open(newline="", encoding="utf-8") as file:
        return {row["town"]: int(row["thousands"]) for row in csv.DictReader(file) if row["country"] == country}


_LETTERS = "ABCDEFGHJKLMNPRSTVWXZ"

Spot = tuple[str, str, Point]  # town, postcode, where


def dutch_spots(count: int, chance: random.Random) -> list[Spot]:
    """Where the Dutch stores stand: towns get stores by how many people live there, each in a part of town of its own."""
    known = towns()
    weights = {town: people**0.85 for town, people in population("NL").items() if town in known}
    others = sorted(town for town, codes in known.items() if town not in weights and len(codes) >= 2)
    chance.shuffle(others)
    total = sum(weights.values())
    wanted = {town: count * weight / total for town, weight in weights.items()}
    spots: list[Spot] = []
    for town in sorted(wanted, key=lambda t: -wanted[t]):
        codes = known[town]
        number = min(max(1, round(wanted[town])), len(codes), count - len(spots))
        spots += [spot_at(town, f"{code:04d}", point, chance) for code, point in chance.sample(codes, number)]
    for town in others[: count - len(spots)]:
        code, point = chance.choice(known[town])
        spots.append(spot_at(town, f"{code:04d}", point, chance))
    return spots


def foreign_spots(country: str, count: int, chance: random.Random) -> list[Spot]:
    """As `dutch_spots`, one store a town while there are towns."""
    people = population(country)
    known = towns(country)
    by_size = sorted((town for town in people if town in known), key=lambda t: -people[t])
    spots: list[Spot] = []
    while len(spots) < count:
        for town in by_size[: count - len(spots)]:
            code, point = known[town][0]
            spots.append((town, str(code), near(point, chance)))
    return spots


def spot_at(town: str, digits: str, point: Point, chance: random.Random) -> Spot:
    letters = chance.choice(_LETTERS) + chance.choice(_LETTERS)
    return (town, digits + ("AB" if letters in {"SA", "SD", "SS"} else letters), near(point, chance))


def near(point: Point, chance: random.Random) -> Point:
    """A point a few streets away."""
    return Point(
        round(point.latitude + chance.uniform(-0.004, 0.004), 5),
        round(point.longitude + chance.uniform(-0.006, 0.006), 5),
    )


def shown(town: str) -> str:
    """A town as people say it."""
    return {"'s-Gravenhage": "Den Haag", "'s-Hertogenbosch": "Den Bosch"}.get(town, town)
