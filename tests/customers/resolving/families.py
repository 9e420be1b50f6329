"""Made-up people as two systems know them: some twice, in families, with what people mistype."""

import random
from typing import Any

from apps.customers.services.people import Person

_GIVEN = [
    "Jan",
    "Piet",
    "Kees",
    "Anna",
    "Maria",
    "Eva",
    "Daan",
    "Sem",
    "Lotte",
    "Fleur",
    "Willem",
    "Bram",
    "Sanne",
    "Iris",
    "Ruben",
    "Thijs",
    "Noor",
    "Femke",
    "Koen",
    "Joris",
]
_SURNAMES = [
    "Jansen",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Bos",
    "Vos",
    "Peters",
    "Hendriks",
    "Dekker",
    "Brouwer",
    "Dijkstra",
    "Kok",
    "Jacobs",
]
_STREETS = [
    "Dorpsstraat",
    "Kerklaan",
    "Molenweg",
    "Stationsplein",
    "Oudegracht",
    "Lindenlaan",
    "Beukenhof",
    "Havenkade",
]


def families(households: int, *, seed: int) -> list[Person]:
    """Two to four people a house, of one surname; half of them stand in the webshop and at the tills, written differently."""
    dice = random.Random(seed)
    people: list[Person] = []
    for house in range(households):
        surname, street = dice.choice(_SURNAMES), dice.choice(_STREETS)
        at = {
            "street": street,
            "house_number": str(dice.randrange(1, 200)),
            "postcode": f"{3000 + house % 500}AB",
            "city": "Utrecht",
        }
        for given in dice.sample(_GIVEN, dice.randrange(2, 5)):
            born = f"{dice.randrange(1940, 2005)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
            says: dict[str, Any] = {
                "first_name": given,
                "last_name": surname,
                "birth_date": born,
                "email": f"{given}.{surname}{dice.randrange(100, 999)}@example.org".lower(),
                "phone": f"06{dice.randrange(10_000_000, 99_999_999)}",
                **at,
            }
            people.append(Person(source="webshop", external_id=f"w{len(people)}", **says))
            if dice.random() < 0.5:
                people.append(Person(source="till", external_id=f"t{len(people)}", **_otherwise(says, dice)))
    dice.shuffle(people)
    return people


def _otherwise(says: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same person at a till: a first letter only, a digit wrong, things left out."""
    told = dict(says)
    if dice.random() < 0.4:
        told["first_name"] = told["first_name"][0]
    for name, chance in (("email", 0.4), ("phone", 0.4), ("birth_date", 0.4)):
        if dice.random() < chance:
            told[name] = ""
    if dice.random() < 0.2:
        told["last_name"] = told["last_name"][:-1] + "n"
    return told
