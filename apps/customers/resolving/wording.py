"""Why two records are alike or not, field by field, in plain words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.customers.models import Doubt, Identifier
from apps.customers.services.contradicting import said
from apps.portal.discretion import Tag, TagOf

FIELDS: dict[str, Any] = {
    "given_name": gettext_lazy("First name"),
    "surname": gettext_lazy("Last name"),
    "birth_date": gettext_lazy("Date of birth"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"),
}

_DATA: dict[str, str] = {
    "given_name": "customers.name",
    "surname": "customers.name",
    "birth_date": "customers.birth_date",
    "email": "customers.email",
    "phone": "customers.phone",
    "address": "customers.street",
}

_WORDS: dict[tuple[str, str], Any] = {
    ("given_name", "exact"): gettext_lazy("Same first name"),
    ("given_name", "part"): gettext_lazy("One has one of the first names of the other"),
    ("given_name", "near"): gettext_lazy("First names differ in a letter or so"),
    ("given_name", "similar"): gettext_lazy("First names are somewhat alike"),
    ("given_name", "two_names"): gettext_lazy("First names are alike, but both are names of their own"),
    ("given_name", "different"): gettext_lazy("Different first names"),
    ("given_name", "swapped"): gettext_lazy("First and last name stand in each other's place"),
    ("given_name", "initials"): gettext_lazy("The initials fit"),
    ("given_name", "initial"): gettext_lazy("The initial fits"),
    ("given_name", "other_initial"): gettext_lazy("Another initial"),
    ("surname", "exact"): gettext_lazy("Same last name"),
    ("surname", "part"): gettext_lazy("One last name is part of the other, as after a marriage"),
    ("surname", "near"): gettext_lazy("Last names differ in a letter or so"),
    ("surname", "similar"): gettext_lazy("Last names are somewhat alike"),
    ("surname", "different"): gettext_lazy("Different last names"),
    ("birth_date", "exact"): gettext_lazy("Same date of birth"),
    ("birth_date", "near"): gettext_lazy("Dates of birth differ in one digit, or two are swapped"),
    ("birth_date", "two_parts"): gettext_lazy("Dates of birth agree in two of day, month and year"),
    ("birth_date", "year"): gettext_lazy("Only the year of birth is the same"),
    ("birth_date", "other_year"): gettext_lazy("Different dates of birth"),
    ("birth_date", "mail_year"): gettext_lazy("The e-mail address of one has the year of birth of the other"),
    ("birth_date", "other_mail_year"): gettext_lazy(
        "The e-mail address of one has another year than the other's birth"
    ),
    ("email", "exact"): gettext_lazy("Same e-mail address"),
    ("email", "near"): gettext_lazy("E-mail addresses differ in a letter, or only in the provider"),
    ("email", "different"): gettext_lazy("Different e-mail addresses"),
    ("email", "named"): gettext_lazy("Same e-mail address, which says no more than the name"),
    ("email", "family"): gettext_lazy("Same e-mail address, that of a family"),
    ("email", "family_or_own"): gettext_lazy("Different e-mail addresses, one of them that of a family"),
    ("phone", "exact"): gettext_lazy("Same phone number"),
    ("phone", "near"): gettext_lazy("Phone numbers differ in one digit"),
    ("phone", "different"): gettext_lazy("Different phone numbers"),
    ("phone", "line"): gettext_lazy("Same phone number, which may be of a household"),
    ("phone", "other_kind"): gettext_lazy("A mobile number and a number of another kind"),
}

_CAUSES: dict[str, Any] = {
    "likely": gettext_lazy("Alike, not certain"),
    "contradicted": gettext_lazy("Alike, but something contradicts"),
    "sample": gettext_lazy("Joined, to be checked"),
}


@dataclass(frozen=True)
class Row:
    """One field of a pair: what both say, in words what that means, and how strongly it speaks (-10 against … 10 for)."""

    label: Any
    left: Collection[str]
    right: Collection[str]
    words: str
    strength: str
    bits: float | None
    tag: str = ""

    @property
    def side(self) -> str:
        return "none" if not self.bits or abs(self.bits) < _HARDLY else "for" if self.bits > 0 else "against"

    @property
    def share(self) -> int:
        """How long its bar is, of 50."""
        return round(min(abs(self.bits or 0), _LONGEST) / _LONGEST * 50)

    @property
    def start(self) -> int:
        """Where the bar of what speaks against it begins, left of the middle."""
        return 50 - self.share


_THE_SAME = {"exact", "named", "family", "line"}
_HARDLY, _SOMEWHAT, _STRONGLY, _LONGEST = 0.5, 3.0, 7.0, 14.0


def cause_words(cause: str) -> str:
    """Why a pair is asked."""
    if cause in _CAUSES:
        return str(_CAUSES[cause])
    try:
        return " ".join(said(code) for code in cause.split(","))
    except KeyError:
        return cause


def cause_choices() -> list[tuple[str, Any]]:
    return list(_CAUSES.items())


def likeness_words(doubt: Doubt) -> str:
    """How likely it is that they are one person, in words."""
    if doubt.probability is None:
        return _("A proof is shared")
    if doubt.probability >= 0.95:
        return _("Almost certainly one person")
    return _("Probably one person") if doubt.probability >= 0.75 else _("Perhaps one person")


def rows_of(
    doubt: Doubt,
    left: Mapping[str, Collection[str]],
    right: Mapping[str, Collection[str]],
    verified: Collection[str],
    tags: TagOf,
) -> list[Row]:
    """The fields of a pair in the order in which people are told apart. `verified` are kinds that both had confirmed. Of what is
    hidden from the clerk only how it compares is left."""
    told = {part["field"]: part for part in doubt.explanation}
    rows = []
    for name, label in FIELDS.items():
        if left.get(name) or right.get(name):
            row = _row(name, label, left.get(name, ()), right.get(name, ()), told.get(name), verified)
            tag = tags(_DATA[name])
            unseen: dict[str, Any] = {"left": (), "right": ()} if tag == Tag.HIDDEN else {}
            rows.append(replace(row, tag=tag, **unseen))
    return rows


def _row(
    name: str,
    label: Any,
    left: Collection[str],
    right: Collection[str],
    told: Mapping[str, Any] | None,
    verified: Collection[str],
) -> Row:
    if told is None:
        words = _("Known of one only") if not (left and right) else ""
        return Row(label, left, right, words, "", None)
    words = (
        _address_words(told["level"]) if name == "address" else str(_WORDS.get((name, told["level"]), told["level"]))
    )
    if told["level"] in _THE_SAME and name in verified:
        words = _("%(words)s, which both verified") % {"words": words}
    bits = float(told["bits"])
    return Row(label, left, right, words, _strength(bits), bits)


def _address_words(level: str) -> str:
    parts = dict(part.split(":", 1) for part in level.split() if ":" in part)
    street, number = parts.get("street", ""), parts.get("number", "")
    postcode = parts.get("postcode", "")
    if (street == "same" or postcode == "same") and number == "same":
        return _("Same address")
    if (street in {"same", "near"} or postcode in {"same", "near"}) and number in {"same", "suffix"}:
        return _("Nearly the same address")
    if street == "same" or postcode == "same":
        return _("Same street, another number") if number else _("Same street")
    return _("Same town, another address") if parts.get("city") == "same" else _("Different addresses")


def _strength(bits: float) -> str:
    size = abs(bits)
    if size < _HARDLY:
        return _("says little")
    if bits > 0:
        return (
            _("speaks somewhat for it")
            if size < _SOMEWHAT
            else _("speaks for it")
            if size < _STRONGLY
            else _("speaks strongly for it")
        )
    return (
        _("speaks somewhat against it")
        if size < _SOMEWHAT
        else _("speaks against it")
        if size < _STRONGLY
        else _("speaks strongly against it")
    )


def notes_of(explanation: Sequence[Mapping[str, Any]]) -> list[str]:
    """What holds of the pair as a whole."""
    return [
        _("Much of what agrees is what people of one house share.")
        for part in explanation
        if part["field"] == "household" and part["bits"] < -1
    ]


VERIFIABLE = {"email": Identifier.Kind.EMAIL, "phone": Identifier.Kind.PHONE}
