"""One pass over a file of customers: what each row would come to, and writing it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.core.events.models import Origin
from apps.customers.importing.cells import split_address, split_name
from apps.customers.importing.flaws import FORGOTTEN, NO_STORE, NOBODY, POINTS_OF_NO_CARD
from apps.customers.models import Consent, Customer
from apps.customers.resolving.foreseeing import Alike, alike
from apps.customers.services.cards import bring_points_along, have_brought_points, take_over_cards, working_cards
from apps.customers.services.consenting import record_consent
from apps.customers.services.disclosing import hint
from apps.customers.services.foreseeing import Foreseen, Foresight, customers_of
from apps.customers.services.people import Details, Kind, Person, Told, normal_form
from apps.customers.services.recognising import recognise
from apps.customers.services.records import RecordKey
from apps.customers.services.suppressing import forgotten
from apps.network.models import Location
from apps.portal import formats
from apps.portal.countries import COUNTRIES
from apps.portal.importing.kinds import Difference, Planned, Problem, Row, Session

NEWSLETTER = Consent.Purpose.NEWSLETTER


@dataclass(frozen=True)
class Permission:
    """A word about the newsletter that can be proven: the text they saw, when and where they said it."""

    given: bool
    text_version: str
    proof: str
    occurred_at: dt.datetime


@dataclass(frozen=True)
class Incoming:
    """A row on its way to become a person."""

    person: Person
    told: Told
    card: str = ""
    points: tuple[str, int] | None = None
    permission: Permission | None = None
    is_fresh: bool = False  # whether the permission is not written down yet


@dataclass(frozen=True)
class Known:
    """What is here already of the people of some rows: cards that work, words about the newsletter, the records whose
    points were brought along, and whom those are like who would be new."""

    cards: Collection[str]
    heard: Collection[tuple[Any, ...]]
    brought: Collection[int]
    likely: Mapping[RecordKey, Alike]


class PeopleSession(Session):
    """One pass over customers of one system. The same pass foresees and writes, so that what was shown is what is done."""

    def __init__(self, *, system: str, verified: bool, country: str, actor: str) -> None:
        self.system = system
        self.verified = verified
        self.country = country
        self.actor = actor
        self.stores = dict(Location.objects.stores().values_list("code", "pk"))
        self.foresight = Foresight()
        self.countries = _countries()

    # --- planning -----------------------------------------------------------------------------------------------------

    def plan(self, rows: Sequence[Row]) -> list[Planned]:
        read = [(row, self._person(row.values)) for row in rows]
        told = [(row, person, normal_form(person)) for row, person in read]
        gone = forgotten(one for _row, _person, one in told if one is not None)
        known = [one for _row, _person, one in told if one is not None and one.record_key not in gone]
        foreseen = {one.told.record_key: one for one in self.foresight.foresee(_once(known))}
        likely = self._likely(list(foreseen.values()))
        customers = customers_of(list(foreseen.values()), besides={one.customer_id for one in likely.values()})
        working = working_cards([card for one in known if (card := one.sign_of(Kind.CARD))])
        record_ids = [one.record.id for one in foreseen.values() if one.record is not None]
        known_of = Known(working, self._heard(record_ids), have_brought_points(record_ids), likely)
        return [
            Planned(row.number, "", problems=[Problem("external_id", "", FORGOTTEN)])
            if one is not None and one.record_key in gone
            else self._plan(row, person, one, foreseen.get(one.record_key) if one else None, customers, known_of)
            for row, person, one in told
        ]

    def forgotten(self, rows: Sequence[Row]) -> set[int]:
        """The numbers of rows about somebody who was forgotten."""
        told = [(row.number, normal_form(self._person(row.values))) for row in rows]
        gone = forgotten(one for _number, one in told if one is not None)
        return {number for number, one in told if one is not None and one.record_key in gone}

    @staticmethod
    def _likely(foreseen: Sequence[Foreseen]) -> dict[RecordKey, Alike]:
        """Whom matching would find alike, of those who would be new and whom nothing proves to be somebody."""
        new = [one.told for one in foreseen if one.record is None and not one.evidence]
        found = zip(new, alike([one.details for one in new]), strict=True)
        return {told.record_key: one for told, one in found if one is not None}

    def _plan(
        self,
        row: Row,
        person: Person,
        told: Told | None,
        foreseen: Foreseen | None,
        customers: dict[int, Customer],
        known: Known,
    ) -> Planned:
        if told is None or foreseen is None:
            return Planned(row.number, "", problems=[Problem("external_id", "", NOBODY)])
        planned = Planned(row.number, told.external_id, is_new=foreseen.record is None)
        store = row.values.get("home_store")
        if store is not None and store not in self.stores:
            planned.problems.append(Problem("home_store", store, NO_STORE))
        self._say_who(planned, foreseen, customers, known.likely.get(told.record_key))
        self._say_details(planned, foreseen)
        permission = self._permission(row.values)
        is_fresh = permission is not None and self._is_fresh(permission, foreseen, known.heard)
        self._say_consent(planned, row.values, permission, is_fresh=is_fresh)
        card = told.sign_of(Kind.CARD)
        is_new_card = bool(card) and card not in known.cards
        if is_new_card:
            planned.differences.append(Difference("card", "", _("%(card)s works from now on") % {"card": card}))
        points = self._points(planned, row.values, card, foreseen, known)
        planned.data = Incoming(person, told, card if is_new_card else "", points, permission, is_fresh)
        return planned

    @staticmethod
    def _points(
        planned: Planned, values: dict[str, Any], card: str, foreseen: Foreseen, known: Known
    ) -> tuple[str, int] | None:
        """The card and the points that this row opens it with; None for what was brought along before."""
        number = values.get("points") or 0
        if not number or (foreseen.record is not None and foreseen.record.id in known.brought):
            return None
        if not card:
            planned.problems.append(Problem("points", str(number), POINTS_OF_NO_CARD))
            return None
        said = _("%(points)s brought along") % {"points": formats.quantity(number)}
        planned.differences.append(Difference("balance", "", said))
        return card, number

    def _person(self, values: dict[str, Any]) -> Person:
        """The row as the system would tell of them. A name or an address in one cell is taken apart where it stands alone."""
        told = dict(values)
        if "address" in told and "street" not in told:
            street, number, addition = split_address(told["address"])
            told |= {"street": street} | ({"house_number": number, "house_number_suffix": addition} if number else {})
        if "name" in told and not {"first_name", "last_name", "organisation"} & told.keys():
            told["first_name"], told["infix"], told["last_name"] = split_name(told["name"])
        own_key = told.get("external_id")
        plain = (
            "first_name",
            "initials",
            "infix",
            "last_name",
            "organisation",
            "kvk",
            "vat",
            "email",
            "loyalty_card",
            "street",
            "house_number",
            "house_number_suffix",
            "postcode",
            "city",
            "birth_date",
        )
        return Person(
            source=self.system,
            external_id=own_key,
            account_id=own_key,
            phone=told.get("mobile") or told.get("phone", ""),
            country=self._country(told.get("country", "")),
            email_is_verified=self.verified,
            home_location_id=self.stores.get(told.get("home_store", "")),
            **{name: told[name] for name in plain if name in told},
        )

    def _country(self, text: str) -> str:
        word = text.strip().lower()
        return self.countries.get(word) or (word.upper() if len(word) == 2 else self.country)

    # --- the newsletter -----------------------------------------------------------------------------------------------

    @staticmethod
    def _permission(values: dict[str, Any]) -> Permission | None:
        """What the row says of the newsletter, if it can be proven; a no needs no proof but a date."""
        given, day = values.get("newsletter"), values.get("newsletter_date")
        text, proof = values.get("newsletter_text", ""), values.get("newsletter_proof", "")
        if given is None or day is None or (given and not (text and proof)):
            return None
        noon = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
        return Permission(given, text or "-", proof or "import", min(noon, timezone.now()))

    @staticmethod
    def _heard(record_ids: Sequence[int]) -> set[tuple[Any, ...]]:
        """The words about the newsletter that these records gave before."""
        rows = Consent.objects.filter(source_record__in=record_ids, purpose=NEWSLETTER)
        return set(rows.values_list("source_record", "given", "text_version", "occurred_at__date"))

    @staticmethod
    def _is_fresh(permission: Permission, foreseen: Foreseen, heard: Collection[tuple[Any, ...]]) -> bool:
        if foreseen.record is None:
            return True
        day = timezone.localtime(permission.occurred_at).date()
        return (foreseen.record.id, permission.given, permission.text_version, day) not in heard

    @staticmethod
    def _say_consent(
        planned: Planned, values: dict[str, Any], permission: Permission | None, *, is_fresh: bool
    ) -> None:
        if permission is not None and is_fresh:
            said = _("yes, since %(day)s") if permission.given else _("no, since %(day)s")
            planned.differences.append(
                Difference(
                    "consent", "", said % {"day": formats.when(timezone.localtime(permission.occurred_at).date())}
                )
            )
        elif permission is None and values.get("newsletter") and planned.is_new:
            text = _("not taken over: text, date or proof is missing")
            planned.differences.append(Difference("consent", "", text))

    # --- saying who ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _say_who(planned: Planned, foreseen: Foreseen, customers: dict[int, Customer], likely: Alike | None) -> None:
        if foreseen.evidence:
            kind = capfirst(str(Kind(foreseen.evidence).label))
            if foreseen.customer_id is not None:
                planned.mark = "recognised"
                who = hint(customers[foreseen.customer_id])
            else:
                planned.mark = "in_file"
                who = foreseen.joins[1] if foreseen.joins else ""
            planned.differences.append(Difference("joins", "", f"{kind} → {who}"))
        elif likely is not None:
            planned.mark = "alike" if likely.is_sure else "suspect"
            said = (
                _("%(who)s; joined by likeness (%(percent)s %%)") if likely.is_sure else _("%(who)s; a clerk is asked")
            )
            told = {"who": hint(customers[likely.customer_id]), "percent": int(likely.probability * 100)}
            planned.differences.append(Difference("suspect", "", said % told))
        elif foreseen.suspect_id is not None:
            planned.mark = "suspect"
            who = hint(customers[foreseen.suspect_id])
            planned.differences.append(
                Difference("suspect", "", _("%(who)s; stays apart until somebody joins them") % {"who": who})
            )

    @staticmethod
    def _say_details(planned: Planned, foreseen: Foreseen) -> None:
        """What is new of somebody the same system told of before; of anybody else, what is written of them."""
        before = foreseen.record.details if foreseen.record else Details()
        after = before.overlaid_by(foreseen.told.details)
        for name in Details._fields:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                planned.differences.append(Difference(name, old, new))
        if foreseen.record is not None and foreseen.changes and not planned.differences:
            kinds = sorted({str(Kind(sign.kind).label) for sign in foreseen.told.signs})
            planned.differences.append(Difference("identifiers", "", ", ".join(kinds)))

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, planned: Sequence[Planned]) -> None:
        incoming: list[Incoming] = [one.data for one in planned]
        ids = recognise([one.person for one in incoming], actor=self.actor, origin=Origin.HISTORY)
        cards: dict[int, str] = {}
        points: dict[int, tuple[str, int]] = {}
        for one, record_id in zip(incoming, ids, strict=True):
            if record_id is None:
                continue  # forgotten since it was planned; whoever has no identifier was refused
            if one.permission is not None and one.is_fresh:
                record_consent(
                    source_record_id=record_id,
                    purpose=NEWSLETTER,
                    given=one.permission.given,
                    text_version=one.permission.text_version,
                    proof=one.permission.proof,
                    occurred_at=one.permission.occurred_at,
                )
            if one.card:
                cards.setdefault(record_id, one.card)
            if one.points is not None:
                points.setdefault(record_id, one.points)
        take_over_cards(cards)
        bring_points_along(points, actor=self.actor)


def _once(people: Sequence[Told]) -> list[Told]:
    """Each record once; that it stands in the file twice is said of the second row."""
    first: dict[RecordKey, Told] = {}
    for one in people:
        first.setdefault(one.record_key, one)
    return list(first.values())


def _countries() -> dict[str, str]:
    """Codes by the names of countries, in every language we speak."""
    names: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names |= {str(name).lower(): code for code, name in COUNTRIES}
    return names | {"the netherlands": "NL", "holland": "NL", "belgie": "BE", "deutschland": "DE"}
