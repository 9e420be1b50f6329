"""What is compared of two people: the fields, and the levels of likeness each of them has.

Level 0 means that one of the two says nothing; it counts neither for nor against. Levels of one field are divided into
groups that cannot be compared with each other: two written-out names are never "initial agrees", so how often names
are written out says nothing about who people are. Chances are learned within a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Field:
    """One comparison. `codes[level]` names a level in explanations; `groups[level]` numbers its group (0: nothing known).

    `same` and `house` are what is believed of one person's two records, and of two people of one household, before
    the data has spoken. `rarity` names the column whose frequent values make an exact agreement worth less.
    """

    name: str
    codes: tuple[str, ...]
    groups: tuple[int, ...]
    same: tuple[float, ...]
    house: tuple[float, ...]
    exact: int = 1
    rarity: str = ""
    also_exact: int = 0
    """Another level of which the values agree exactly, as rare among strangers as the value is."""
    personal: bool = True
    """Whether two people of one household differ in it as strangers do: a given name, and not a surname."""


GIVEN = Field(
    "given_name",
    (
        *(
            "unknown",
            "exact",
            "part",
            "near",
            "similar",
            "different",
            "swapped",
            "initials",
            "initial",
            "other_initial",
        ),
        "two_names",
    ),
    (0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1),
    (1.0, 0.77, 0.05, 0.09, 0.03, 0.04, 0.01, 0.20, 0.76, 0.04, 0.01),
    (1.0, 0.9, 0.05, 0.03, 0.01, 0.01, 0.001, 0.3, 0.69, 0.01, 0.01),
    rarity="given",
)
SURNAME = Field(
    "surname",
    ("unknown", "exact", "part", "near", "similar", "different"),
    (0, 1, 1, 1, 1, 1),
    (1.0, 0.86, 0.03, 0.06, 0.02, 0.03),
    (1.0, 0.65, 0.04, 0.03, 0.02, 0.26),
    rarity="surname",
    personal=False,
)
BIRTH = Field(
    "birth_date",
    ("unknown", "exact", "near", "two_parts", "year", "other_year", "mail_year", "other_mail_year"),
    (0, 1, 1, 1, 1, 1, 2, 2),
    (1.0, 0.86, 0.07, 0.03, 0.01, 0.03, 0.1, 0.9),
    (1.0, 0.3, 0.2, 0.2, 0.2, 0.1, 0.02, 0.98),
    rarity="birth",
)
"""`mail_year`: one date is unknown, and the e-mail address there has the year of the other (jansen74@)."""
EMAIL = Field(
    "email",
    ("unknown", "exact", "near", "different", "named", "family", "family_or_own"),
    (0, 1, 1, 1, 1, 1, 1),
    (1.0, 0.44, 0.06, 0.26, 0.11, 0.05, 0.08),
    (1.0, 0.05, 0.01, 0.70, 0.04, 0.12, 0.08),
    rarity="email",
    also_exact=5,
    personal=False,
)
"""`named`: the same address, which says no more than the name that both have (j.jansen@); two strangers of one name came to
it far more often than to any other. `family`: the same address, which says that it is a family's (fam.jansen57@).
`family_or_own`: two addresses, one of which is a family's."""
NAMED = EMAIL.codes.index("named")
PHONE = Field(
    "phone",
    ("unknown", "exact", "near", "different", "line", "other_kind"),
    (0, 1, 1, 1, 1, 1),
    (1.0, 0.45, 0.05, 0.23, 0.15, 0.12),
    (1.0, 0.08, 0.02, 0.50, 0.22, 0.18),
    rarity="phone",
    also_exact=4,
    personal=False,
)
"""`exact`: the same mobile number, which is somebody's; `line`: the same number of another kind, which is a house's.
`other_kind`: a mobile number and another, of which nobody would think that they are the same."""

PARTS = ("street", "number", "postcode", "city")
AGREES = (
    ("", "same", "near", "other"),
    ("", "same", "suffix", "other"),
    ("", "same", "near", "other"),
    ("", "same", "near", "other"),
)
HOME = np.array(((1, 0.84, 0.12, 0.04), (1, 0.92, 0.04, 0.04), (1, 0.9, 0.06, 0.04), (1, 0.9, 0.06, 0.04)))
MOVED = np.array(((1, 0.01, 0.03, 0.96), (1, 0.03, 0.01, 0.96), (1, 0.05, 0.05, 0.9), (1, 0.3, 0.02, 0.68)))


def address_grid() -> NDArray[np.uint8]:
    """How each of PARTS agrees, for every level of the address: 256 x 4."""
    return np.stack(np.unravel_index(np.arange(256), (4, 4, 4, 4)), axis=1).astype(np.uint8)


def _address() -> Field:
    """Street, number, postcode and town as one comparison: a house is one fact, however many columns it is written in."""
    grid = address_grid()
    at_home = HOME[np.arange(4), grid].prod(axis=1)
    moved = MOVED[np.arange(4), grid].prod(axis=1)
    codes = [
        " ".join(f"{part}:{AGREES[n][how]}" for n, (part, how) in enumerate(zip(PARTS, row, strict=True)) if how)
        for row in grid.tolist()
    ]
    groups = (grid > 0) @ np.array([8, 4, 2, 1])
    return Field(
        "address",
        ("unknown", *codes[1:]),
        tuple(groups.tolist()),
        tuple((0.85 * at_home + 0.15 * moved).tolist()),
        tuple((0.97 * at_home + 0.03 * moved).tolist()),
        exact=0,
        personal=False,
    )


ADDRESS = _address()


def extra_field(name: str) -> Field:
    return Field(
        f"x:{name}",
        ("unknown", "exact", "near", "different"),
        (0, 1, 1, 1),
        (1.0, 0.75, 0.1, 0.15),
        (1.0, 0.45, 0.05, 0.5),
        rarity=f"x:{name}",
        personal=False,
    )


def fields_for(extras: Sequence[str]) -> list[Field]:
    return [GIVEN, SURNAME, BIRTH, ADDRESS, EMAIL, PHONE, *(extra_field(name) for name in extras)]
