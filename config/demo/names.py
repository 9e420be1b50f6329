"""Names of people, streets and companies, as they are common in the Netherlands. Nobody in particular."""

import random
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def listed(name: str) -> list[str]:
    """The lines of a list in the data folder."""
    return (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()


FIRST_NAMES = listed("first_names")
LAST_NAMES = listed("last_names")
HOME_STREETS = listed("home_streets")
SHOP_STREETS = listed("shop_streets")

_TRADES = ("Wonen", "Interieur", "Woonwinkels", "Retail", "Winkels", "Woonsfeer", "Huis en Thuis")


def company(chance: random.Random) -> str:
    """The name of a franchisee's company."""
    last = chance.choice(LAST_NAMES)
    return f"{last[0].upper()}{last[1:]} {chance.choice(_TRADES)} B.V."


def mail_name(first: str, last: str) -> str:
    """A name as the local part of an e-mail address."""
    return f"{first}.{last}".lower().replace(" ", "").replace("'", "")
