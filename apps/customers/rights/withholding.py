"""Leaving others out of what somebody wrote: colleagues, whoever shares the house, and what others are reached by.

A text is read for what may be somebody else's; it cannot be known of every word. So the officer reads the texts before they go.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from apps.accounts.models import User
from apps.customers.models import Identifier, PersonDetails, Residence, SourceRecord

LEFT_OUT = "[…]"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w+])\+?\d[\d\s().-]{7,}\d(?!\w)")
_SHARED = (Identifier.Kind.PHONE, Identifier.Kind.ADDRESS, Identifier.Kind.EMAIL)
_SHORTEST = 3


@dataclass(frozen=True)
class Withholding:
    """Texts without others. `own` is what the person themselves is known by, in small letters; `others` are names."""

    own: frozenset[str]
    others: frozenset[str]

    @classmethod
    def of(cls, records: Collection[int]) -> "Withholding":
        """Others are all colleagues, and whoever shares a house, number or address with these records."""
        told = list(PersonDetails.objects.filter(source_record__in=records))
        own = {part.lower() for row in told for name in _names(row) for part in (name, *name.split())}
        own |= {row.email.lower() for row in told} | {_digits(row.phone) for row in told}
        signs = Identifier.objects.filter(source_record__in=records)
        own |= {value.lower() for value in signs.values_list("value", flat=True)}
        own |= {_digits(value) for value in signs.filter(kind=Identifier.Kind.PHONE).values_list("value", flat=True)}
        names = {name for row in _housemates(records) for name in (*_names(row), row.first_name)}
        names |= set(User.objects.values_list("name", flat=True))
        return cls(frozenset(own - {""}), frozenset(name for name in names if name.lower() not in own))

    def __call__(self, text: str, also: Iterable[str] = ()) -> str:
        """A text without others; `also` names a colleague who is in it, whose first or last name may stand alone."""
        names = self.others | {part for name in also for part in (name, *name.split()) if part.lower() not in self.own}
        text = _EMAIL.sub(lambda found: found[0] if found[0].lower() in self.own else LEFT_OUT, text)
        text = _NUMBER.sub(lambda found: found[0] if self._is_own(found[0]) else LEFT_OUT, text)
        wanted = sorted((name for name in names if len(name) >= _SHORTEST), key=len, reverse=True)
        if not wanted:
            return text
        return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)

    def _is_own(self, number: str) -> bool:
        return len(_digits(number)) < 9 or _digits(number) in self.own or re.sub(r"\D", "", number) in self.own


def _digits(number: str) -> str:
    """The end of a number, which is the same with and without the code of its country."""
    return re.sub(r"\D", "", number)[-9:]


def _names(row: PersonDetails) -> list[str]:
    whole = " ".join(part for part in (row.first_name, row.infix, row.last_name) if part)
    return [name for name in (whole, f"{row.infix} {row.last_name}".strip()) if name]


def _housemates(records: Collection[int]) -> Iterable[PersonDetails]:
    """What is told of others who share a house, a number or an address with these records; at most some hundreds."""
    own = SourceRecord.objects.filter(pk__in=records)
    houses = Residence.objects.filter(source_record__in=records, household__isnull=False).values("household")
    shared = Identifier.objects.filter(source_record__in=records, kind__in=_SHARED).values_list("kind", "value")
    near = set(Residence.objects.filter(household__in=houses).values_list("source_record", flat=True)[:500])
    for kind, value in shared:
        same = Identifier.objects.filter(kind=kind, value=value)
        near |= set(same.values_list("source_record", flat=True)[:200])
    customers = own.values("customer")
    return PersonDetails.objects.filter(source_record__in=near).exclude(source_record__customer__in=customers)
