"""Dutch people as they stand in a retailer's systems: families under one roof, and records that say half of it.

`people(records, seed)` gives columns of raw texts and who each record is of. Households share a house, mostly a surname,
often a telephone and an e-mail address; there are twins, fathers and sons of one name, movers and married names;
records have initials only, typing errors, tussenvoegsels in every spelling, and lack 12 to 60 % of each field.
"""

import random
from dataclasses import dataclass, field
from itertools import accumulate

from benchmarks.dutch import HEADS, KINDS, MAILS, MEN, SURNAMES, TAILS, TOWNS, WOMEN

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NEAR_KEYS = {
    "a": "qs",
    "e": "wr",
    "i": "uo",
    "n": "bm",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "o": "ip",
    "l": "k",
    "d": "sf",
    "m": "n",
}
COLUMNS = (
    "given_name",
    "infix",
    "surname",
    "birth_date",
    "street",
    "number",
    "suffix",
    "postcode",
    "city",
    "email",
    "phone",
)


@dataclass
class People:
    """`columns[name][row]` as it stands in a system, `person[row]` who it is; rows are in no order."""

    ids: list[str] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    person: list[int] = field(default_factory=list)


@dataclass
class House:
    street: str
    number: str
    suffix: str
    postcode: str
    city: str


@dataclass
class Person:
    number: int
    given: str
    second: str
    infix: str
    surname: str
    birth: tuple[int, int, int]
    email: str
    phone: str
    houses: list[House]
    maiden: tuple[str, str] | None = None


class Town:
    """Where people live and what they are called, drawn from one seed."""

    def __init__(self, seed: int, records: int) -> None:
        self.dice = random.Random(seed)
        known = [tuple(name.replace("_", " ").rsplit("|", 1)) if "|" in name else ("", name) for name in SURNAMES]
        made = [
            ("" if n % 4 else self.dice.choice(("van", "de", "van der", "ter")), head + tail)
            for n, (head, tail) in enumerate((h, t) for h in HEADS for t in TAILS)
        ]
        self.dice.shuffle(made)
        self.surnames = [*known, *made]
        self.of_surname = list(accumulate(1 / (n + 6) for n in range(len(self.surnames))))
        self.of_given = list(accumulate(1 / (n + 8) for n in range(len(MEN))))
        self.of_woman = list(accumulate(1 / (n + 8) for n in range(len(WOMEN))))
        streets = max(60, records // 60)
        self.streets = []
        for _ in range(streets):
            name = self.dice.choice(HEADS) + self.dice.choice(TAILS) + self.dice.choice(KINDS)
            four = self.dice.randrange(1000, 9999)
            self.streets.append((name, four, TOWNS[four * 7 % len(TOWNS)], self.dice.choice("ABCDEGHJKLMNPRSTVWXZ")))

    def given(self, woman: bool) -> str:
        names, weights = (WOMEN, self.of_woman) if woman else (MEN, self.of_given)
        return self.dice.choices(names, cum_weights=weights)[0]

    def surname(self) -> tuple[str, str]:
        return self.dice.choices(self.surnames, cum_weights=self.of_surname)[0]

    def house(self) -> House:
        dice = self.dice
        street, four, city, letter = dice.choice(self.streets)
        number = dice.randrange(1, 120)
        suffix = dice.choice(("A", "B", "bis", "1", "2", "II")) if dice.random() < 0.1 else ""
        return House(street, str(number), suffix, f"{four}{letter}{'ABCDEFGHKL'[number // 12]}", city)

    def phone(self, mobile: bool) -> str:
        return (
            f"06{self.dice.randrange(10_000_000, 99_999_999)}"
            if mobile
            else f"0{self.dice.randrange(100_000_000, 799_999_999)}"
        )

    def email(self, given: str, surname: str) -> str:
        dice = self.dice
        first, last = given.lower().replace(" ", ""), surname.lower().replace(" ", "").replace("ö", "o")
        name = dice.choice(
            (
                f"{first}.{last}",
                f"{first[0]}.{last}",
                f"{first}{last}",
                f"{first}{dice.randrange(40, 99)}",
                f"{first[0]}{last}",
            )
        )
        return f"{name}{'' if dice.random() < 0.3 else dice.randrange(1, 999)}@{dice.choice(MAILS)}"


def household(town: Town, first: int) -> list[Person]:
    """Everybody under one roof, numbered from `first`."""
    dice = town.dice
    house, landline = town.house(), town.phone(False)
    infix, surname = town.surname()
    shared_email = town.email("fam", surname)
    members: list[Person] = []

    def member(
        given: str, names: tuple[str, str], birth: tuple[int, int, int], maiden: tuple[str, str] | None = None
    ) -> None:
        own_phone = dice.random() < 0.62
        own_email = dice.random() < 0.7
        members.append(
            Person(
                first + len(members),
                given,
                dice.choice(MEN + WOMEN) if dice.random() < 0.35 else "",
                *names,
                birth,
                town.email(given, names[1]) if own_email else shared_email,
                town.phone(True) if own_phone else landline,
                [house],
                maiden,
            )
        )

    def born(low: int, high: int) -> tuple[int, int, int]:
        return dice.randrange(low, high), dice.randrange(1, 13), dice.randrange(1, 29)

    woman = dice.random() < 0.5
    year = dice.randrange(1935, 2002)
    member(town.given(woman), (infix, surname), born(year, year + 1))
    if dice.random() < 0.62:
        names, maiden = town.surname(), None
        turn = dice.random()
        if turn < 0.4:
            names, maiden = (infix, surname), names
        elif turn < 0.5:
            names, maiden = (infix, f"{surname}-{' '.join(names).strip()}"), names
        member(town.given(not woman), names, born(year - 6, year + 7), maiden)
        while len(members) < 6 and dice.random() < 0.45 and year < 1988:
            girl, birth = dice.random() < 0.5, born(year + 20, min(year + 40, 2008))
            given = town.given(girl)
            father = members[1] if woman else members[0]
            if not girl and dice.random() < 0.06:
                given = father.given
            elif dice.random() < 0.08:
                same = [name for name in (WOMEN if girl else MEN) if name[0] == father.given[0]]
                given = dice.choice(same) if same else given
            member(given, (infix, surname), birth)
            if dice.random() < 0.03:
                member(town.given(dice.random() < 0.5), (infix, surname), birth)
                while members[-1].given == given:
                    members[-1].given = town.given(girl)
    for person in members:
        if dice.random() < 0.1:
            person.houses = [house, town.house()]
    return members


def _slip(dice: random.Random, text: str) -> str:
    """One typing error."""
    if len(text) < 3:
        return text
    place = dice.randrange(1, len(text))
    turn = dice.random()
    if turn < 0.3:
        return text[:place] + text[place + 1 :]
    if turn < 0.55:
        return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
    if turn < 0.75:
        return text[:place] + text[place - 1] + text[place:]
    letter = text[place].lower()
    if letter.isdigit():
        return text[:place] + str(dice.randrange(10)) + text[place + 1 :]
    return text[:place] + dice.choice(NEAR_KEYS.get(letter, LETTERS)) + text[place + 1 :]


def _birth(dice: random.Random, birth: tuple[int, int, int]) -> str:
    year, month, day = birth
    turn = dice.random()
    if turn < 0.012 and day <= 12:
        month, day = day, month
    elif turn < 0.03:
        day = max(1, min(28, day + dice.choice((-1, 1, 10, -10))))
    elif turn < 0.04:
        year += dice.choice((-10, -1, 1, 10))
    elif turn < 0.05:
        year, month, day = dice.randrange(1935, 2005), dice.randrange(1, 13), dice.randrange(1, 29)
    return f"{year}-{month:02}-{day:02}"


def _infix(dice: random.Random, infix: str, surname: str) -> tuple[str, str]:
    """A tussenvoegsel in its own column, before or behind the name, shortened, glued, or left out."""
    if not infix:
        return "", surname
    turn = dice.random()
    if turn < 0.45:
        return infix, surname
    if turn < 0.7:
        return "", f"{infix} {surname}"
    if turn < 0.78:
        return "", f"{surname}, {infix}"
    if turn < 0.88 and infix.startswith("van "):
        return "", f"v.{infix[4]}. {surname}" if len(infix) > 4 else f"v. {surname}"
    if turn < 0.92:
        return "", infix.replace(" ", "").capitalize() + surname.lower()
    return "", surname


def _record(dice: random.Random, person: Person) -> tuple[str, ...]:
    house = person.houses[0] if len(person.houses) == 1 or dice.random() < 0.6 else person.houses[1]
    given = f"{person.given} {person.second}" if person.second and dice.random() < 0.08 else person.given
    turn = dice.random()
    if turn < 0.25:
        letters = [person.given[0], person.second[0]] if person.second and dice.random() < 0.6 else [person.given[0]]
        given = "".join(f"{letter}." for letter in letters)
    elif turn < 0.29:
        given = ""
    elif turn < 0.34:
        given = _slip(dice, given)
    names = person.maiden if person.maiden and dice.random() < 0.25 else (person.infix, person.surname)
    infix, surname = _infix(dice, *names)
    if dice.random() < 0.045:
        surname = _slip(dice, surname)
    if given and dice.random() < 0.004:
        given, surname = surname, given
    birth = _birth(dice, person.birth) if dice.random() > 0.45 else ""
    email = person.email if dice.random() > 0.35 else ""
    if email and dice.random() < 0.025:
        email = _slip(dice, email)
    phone = person.phone if dice.random() > 0.4 else ""
    if phone and dice.random() < 0.02:
        phone = _slip(dice, phone)
    if phone.startswith("06") and dice.random() < 0.3:
        phone = dice.choice(("+31 6 ", "0031-6", "06-")) + phone[2:]
    if dice.random() < 0.14:
        return given, infix, surname, birth, "", "", "", "", "", email, phone
    postcode = house.postcode
    if dice.random() < 0.02:
        postcode = _slip(dice, postcode)
    if dice.random() < 0.4:
        postcode = f"{postcode[:4]} {postcode[4:]}".lower() if dice.random() < 0.2 else f"{postcode[:4]} {postcode[4:]}"
    number, suffix = house.number, house.suffix if dice.random() < 0.85 else ""
    if suffix and dice.random() < 0.4:
        number, suffix = f"{number}{dice.choice(('', '-', ' '))}{suffix}", ""
    if dice.random() < 0.015:
        number = str(dice.randrange(1, 120))
    street = house.street if dice.random() > 0.3 else ""
    if street and dice.random() < 0.04:
        street = _slip(dice, street)
    if street.endswith("straat") and dice.random() < 0.1:
        street = street[:-3] + "."
    return (
        given,
        infix,
        surname,
        birth,
        street,
        number,
        suffix,
        postcode,
        house.city if dice.random() > 0.25 else "",
        email,
        phone,
    )


def people(records: int, seed: int) -> People:
    """About `records` records of about 0.58 times as many people, the same for the same seed."""
    town = Town(seed, records)
    dice = town.dice
    rows: list[tuple[int, tuple[str, ...]]] = []
    number = 0
    while len(rows) < records:
        for person in household(town, number):
            number += 1
            times = 1
            while times < 8 and dice.random() < 0.42:
                times += 1
            rows += [(person.number, _record(dice, person)) for _ in range(times)]
    dice.shuffle(rows)
    found = People(ids=[f"r{n:07}" for n in range(len(rows))], person=[person for person, _ in rows])
    for name, values in zip(COLUMNS, zip(*(row for _, row in rows), strict=True), strict=True):
        found.columns[name] = list(values)
    return found
