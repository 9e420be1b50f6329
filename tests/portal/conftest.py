"""A small chain: two own stores, one franchised, a distribution centre, and people who work there."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.network.models import LegalEntity, Location, Ownership


def make_store(code: str, owner: LegalEntity, **fields: object) -> Location:
    location = Location.objects.create(**({"code": code, "name": f"Winkel {code}", "postcode": "3511 AB"} | fields))
    Ownership.objects.create(location=location, legal_entity=owner, valid=DateRange(dt.date(2020, 1, 1), None))
    return location


def make_person(name: str, role: str, **place: object) -> User:
    user = User.objects.create_user(f"{name.split()[0].lower()}@example.org", name=name)
    user.assignments.create(role=role, **place)
    return user


@pytest.fixture
def chain(db):
    own = LegalEntity.objects.create(code="OWN", name="Moswijk B.V.", kind="own")
    franchisee = LegalEntity.objects.create(code="F01", name="Bakker Retail", kind="franchisee")
    haarlem = make_store("S001", own, name="Haarlem", city="Haarlem", postcode="2011 AA")
    leiden = make_store("S002", own, name="Leiden", city="Leiden", postcode="2311 AA", ships_orders=True)
    gouda = make_store("S003", franchisee, name="Gouda", city="Gouda", postcode="2801 AA")
    zandvoort = make_store("S004", franchisee, name="Zandvoort", city="Zandvoort", postcode="2042 AA")
    tiel = make_store("DC-TI", own, name="DC Tiel", kind="dc", city="Tiel", postcode="4001 AA")
    return SimpleNamespace(
        own=own,
        franchisee=franchisee,
        haarlem=haarlem,
        leiden=leiden,
        gouda=gouda,
        zandvoort=zandvoort,
        tiel=tiel,
        head_office=make_person("Mirjam Vos", Role.HEAD_OFFICE),
        finance=make_person("Frits Kas", Role.FINANCE),
        associate=make_person("Bo Jansen", Role.STORE_ASSOCIATE, location=haarlem),
        franchise_owner=make_person("Daan de Ruiter", Role.FRANCHISEE, legal_entity=franchisee),
    )


@pytest.fixture
def as_user():
    """A browser in which the given person has signed in, with English pages."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return client

    return sign_in


SWAP = {"HX-Request": "true"}
