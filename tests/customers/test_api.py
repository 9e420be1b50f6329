import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from apps.accounts.models import AccessGrant
from apps.customers.models import Consent, ContactPerson, Customer, Identifier, Organisation, PersonDetails
from apps.customers.services import signing_up
from apps.network.models import Channel, Location

BODY: dict[str, Any] = {
    "email": "j.jansen@example.org",
    "phone": "+31612345678",
    "account_id": "web-77",
    "first_name": "Jan",
    "last_name": "Jansen",
    "address": {"postcode": "3511AB", "house_number": "12", "street": "Oudegracht", "city": "Utrecht", "country": "NL"},
}


@pytest.fixture(autouse=True)
def programme() -> Iterator[None]:
    """A loyalty programme that gives everybody the card that ends in their record's id."""
    before = list(signing_up._issuers)
    signing_up._issuers[:] = [lambda *, source_record_id, location_id, actor: f"2900{source_record_id:09d}"]
    yield
    signing_up._issuers[:] = before
    cache.clear()


def sign_up(api: APIClient, **changes: Any) -> Any:
    response = api.post("/api/v1/customers/", BODY | changes)
    assert response.status_code == 201, response.content
    return response.json()


def test_signing_up_answers_a_card_and_opens_the_customer(shop_api: APIClient) -> None:
    # when
    answer = sign_up(shop_api)

    # then
    customer = shop_api.get(f"/api/v1/customers/{answer['id']}/").json()
    assert answer["loyalty_card"] == customer["loyalty_card"]
    assert customer["name"] == "Jan Jansen"
    assert customer["address"] == {
        "street": "Oudegracht",
        "house_number": "12",
        "postcode": "3511AB",
        "city": "Utrecht",
        "country": "NL",
    }
    assert Identifier.objects.get(kind="loyalty_card").value == answer["loyalty_card"]
    assert Identifier.objects.get(kind="email").verified


def test_signing_up_twice_gives_the_same_customer_and_card(shop_api: APIClient) -> None:
    # when
    first, second = sign_up(shop_api), sign_up(shop_api, first_name="J.")

    # then
    assert first == second
    assert Customer.objects.get().name == "J. Jansen"


def test_signing_up_takes_consents_and_a_home_store(
    shop_api: APIClient, make_location: Callable[..., Location]
) -> None:
    # given
    make_location("S001")
    consents = [{"purpose": "newsletter", "given": True, "text_version": "2026-1"}]

    # when
    answer = sign_up(shop_api, consents=consents, home_store="S001")

    # then
    assert shop_api.get(f"/api/v1/customers/{answer['id']}/").json()["home_store"] == "S001"
    assert Consent.objects.get().proof == "webshop"


def test_a_name_in_its_parts_a_date_of_birth_and_an_organisation_are_taken(shop_api: APIClient) -> None:
    # given
    told = {
        "first_name": "",
        "initials": "J.W.",
        "infix": "van der",
        "last_name": "Berg",
        "birth_date": "1974-03-21",
        "organisation": "",
        "kvk": "1234 5678",
        "vat": "nl 8540.12.345.b01",
    }

    # when
    answer = sign_up(shop_api, **told)

    # then
    customer = shop_api.get(f"/api/v1/customers/{answer['id']}/").json()
    assert customer["name"] == "J.W. van der Berg"
    details = PersonDetails.objects.get()
    assert (details.initials, details.infix, details.birth_date) == ("J.W.", "van der", dt.date(1974, 3, 21))
    assert (Organisation.objects.get().kvk, Organisation.objects.get().vat) == ("12345678", "NL854012345B01")
    # a system that says nothing of them takes nothing away
    sign_up(shop_api, birth_date=None, kvk=None, vat="")
    assert PersonDetails.objects.latest("pk").birth_date == dt.date(1974, 3, 21)


def test_who_signed_up_says_later_for_whom_they_buy_and_when_they_were_born(shop_api: APIClient) -> None:
    # given
    path = f"/api/v1/customers/{sign_up(shop_api)['id']}/"

    # when
    answer = shop_api.patch(path, {"infix": "de", "birth_date": "1980-02-29", "kvk": "12345678", "organisation": ""})

    # then
    assert answer.status_code == 200, answer.content
    assert answer.json()["name"] == "Jan de Jansen"
    assert ContactPerson.objects.get().organisation == Organisation.objects.get(kvk="12345678")
    assert Identifier.objects.filter(kind="kvk", verified=False).count() == 1
    assert shop_api.patch(path, {"birth_date": None}).status_code == 200
    assert PersonDetails.objects.latest("pk").birth_date is None


def test_a_number_that_was_proven_recognises_and_one_that_was_only_typed_does_not(shop_api: APIClient) -> None:
    # given: the same number in three accounts
    typed = sign_up(shop_api, email="")
    proven = sign_up(shop_api, email="", account_id="web-78", phone_is_verified=True)
    proven_too = sign_up(shop_api, email="", account_id="web-79", phone="06 12345678", phone_is_verified=True)

    # then
    assert typed["id"] != proven["id"] == proven_too["id"]
    assert list(Identifier.objects.filter(kind="phone").order_by("pk").values_list("verified", flat=True)) == [
        False,
        True,
        True,
    ]


def test_a_number_is_proven_later_and_a_new_one_is_not_proven_by_the_old(shop_api: APIClient) -> None:
    # given
    path = f"/api/v1/customers/{sign_up(shop_api, email='')['id']}/"

    def told(**changes: Any) -> list[tuple[str, bool]]:
        assert shop_api.patch(path, changes).status_code == 200
        return list(Identifier.objects.filter(kind="phone").order_by("pk").values_list("value", "verified"))

    # then
    typed = ("+31612345678", False)
    assert told(first_name="Johan") == [typed]
    assert told(phone_is_verified=None) == [typed]
    assert told(phone_is_verified=True) == [typed, ("+31612345678", True)]
    assert told(phone="0687654321")[2:] == [("+31687654321", False)]


@pytest.mark.parametrize(
    ("field", "value", "code", "said"),
    [
        ("phone_is_verified", "perhaps", "invalid", ""),
        ("birth_date", "21-03-1974", "invalid", "YYYY-MM-DD"),
        ("birth_date", "1974-02-30", "invalid", "YYYY-MM-DD"),
        ("birth_date", "2199-01-01", "invalid_birth_date", "Nobody was born on this day"),
        ("birth_date", "1874-01-01", "invalid_birth_date", "Nobody was born on this day"),
        ("kvk", "1234567", "invalid_number", "has eight digits"),
        ("kvk", 12345678, "invalid", ""),
        ("vat", "NL854012345B02X", "invalid_number", "begins with the country"),
        ("infix", "x" * 21, "max_length", ""),
        ("initials", "x" * 21, "max_length", ""),
    ],
)
def test_what_cannot_be_true_of_a_person_is_said_of_its_field(
    shop_api: APIClient, field: str, value: Any, code: str, said: str
) -> None:
    # when
    english = {"accept-language": "en"}
    new = shop_api.post("/api/v1/customers/", BODY | {field: value}, headers=english)
    changed = shop_api.patch(f"/api/v1/customers/{sign_up(shop_api)['id']}/", {field: value}, headers=english)

    # then
    for answer in (new, changed):
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert (error["attr"], error["code"]) == (field, code)
        assert said in error["detail"]


def test_a_lookup_answers_one_none_or_ambiguous_and_always_200(shop_api: APIClient) -> None:
    # given
    jan = sign_up(shop_api)
    sign_up(shop_api, email="iris@example.org", account_id="web-78", phone=None)
    AccessGrant.objects.exists()

    def look_up(**identifiers: str) -> Any:
        response = shop_api.post("/api/v1/customers/lookup/", {"identifiers": identifiers, "purpose": "checkout"})
        assert response.status_code == 200, response.content
        return response.json()

    # then
    assert look_up(email="J.Jansen@example.org") == {"match": "one", "id": jan["id"]}
    assert look_up(loyalty_card=jan["loyalty_card"]) == {"match": "one", "id": jan["id"]}
    assert look_up(email="nobody@example.org") == {"match": "none", "id": None}
    assert look_up(postcode="3511AB", house_number="12") == {"match": "ambiguous", "id": None}
    assert AccessGrant.objects.filter(purpose="checkout", object_key=jan["id"]).count() == 2


def test_an_account_id_means_somebody_only_in_its_own_channel(
    shop_api: APIClient, api_client_for: Callable[..., APIClient]
) -> None:
    # given
    sign_up(shop_api)
    app = Channel.objects.create(code="app", name="App", kind=Channel.Kind.APP)
    other = api_client_for(app, "customers:read")

    # when
    answer = other.post(
        "/api/v1/customers/lookup/", {"identifiers": {"account_id": "web-77"}, "purpose": "checkout"}
    ).json()

    # then
    assert answer["match"] == "none"


def test_without_a_grant_a_customer_does_not_exist(
    shop_api: APIClient, webshop: Channel, api_client_for: Callable[..., APIClient]
) -> None:
    # given
    answer = sign_up(shop_api)
    stranger = api_client_for(webshop, "customers:read", "customers:write")

    # when
    statuses = [
        stranger.get(f"/api/v1/customers/{answer['id']}/").status_code,
        stranger.patch(f"/api/v1/customers/{answer['id']}/", {"first_name": "X"}).status_code,
        stranger.get(f"/api/v1/customers/{answer['id']}/consents/").status_code,
        stranger.post(f"/api/v1/customers/{answer['id']}/consents/", {}).status_code,
        shop_api.get(f"/api/v1/customers/{uuid.uuid4()}/").status_code,
    ]

    # then
    assert statuses == [404] * 5


def test_each_act_needs_its_scope(webshop: Channel, api_client_for: Callable[..., APIClient]) -> None:
    # given
    reader, writer = api_client_for(webshop, "customers:read"), api_client_for(webshop, "customers:write")

    # then
    assert reader.post("/api/v1/customers/", BODY).status_code == 403
    assert writer.post("/api/v1/customers/lookup/", {}).status_code == 403
    assert writer.post("/api/v1/contacts/", {}).status_code == 403
    assert APIClient().post("/api/v1/customers/lookup/", {}).status_code == 401


def test_details_can_be_changed_and_taken_away(shop_api: APIClient) -> None:
    # given
    answer = sign_up(shop_api)
    url = f"/api/v1/customers/{answer['id']}/"

    # when
    moved = shop_api.patch(url, {"address": {"postcode": "2011ab", "house_number": "3a", "city": "Haarlem"}}).json()
    renamed = shop_api.patch(url, {"last_name": "de Vries", "phone": ""}).json()
    written = shop_api.patch(url, {"email": "jan@example.org"}).json()

    # then
    assert (moved["address"]["postcode"], moved["address"]["house_number"], moved["address"]["street"]) == (
        "2011AB",
        "3 A",
        "",
    )
    assert (renamed["name"], renamed["phone"]) == ("Jan de Vries", "")
    assert written["email"] == shop_api.get(url).json()["email"] == "jan@example.org"
    assert written["phone"] == ""
    assert Identifier.objects.filter(kind="email", verified=True).count() == 2


def test_the_last_word_on_consent_counts(shop_api: APIClient) -> None:
    # given
    url = f"/api/v1/customers/{sign_up(shop_api)['id']}/consents/"
    word = {"purpose": "newsletter", "given": True, "text_version": "2026-1", "proof": "account page"}

    # when
    given = shop_api.post(url, word)
    withdrawn = shop_api.post(url, word | {"given": False})

    # then
    assert (given.status_code, withdrawn.status_code) == (201, 201)
    [result] = shop_api.get(url).json()["results"]
    assert (result["purpose"], result["given"], result["proof"]) == ("newsletter", False, "account page")
    assert Consent.objects.count() == 2


def test_the_same_key_and_body_sign_up_once(shop_api: APIClient) -> None:
    # when
    first = shop_api.post("/api/v1/customers/", BODY, headers={"Idempotency-Key": "k1"})
    again = shop_api.post("/api/v1/customers/", BODY, headers={"Idempotency-Key": "k1"})
    other = shop_api.post("/api/v1/customers/", BODY | {"first_name": "X"}, headers={"Idempotency-Key": "k1"})

    # then
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("customers/lookup/", {}),
        ("customers/lookup/", {"identifiers": {"email": "a@example.org"}}),
        ("customers/lookup/", {"identifiers": {}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": [], "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"email": ["a@example.org"]}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"email": "a" * 300}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"email": "a\x00b@example.org"}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"phone": 31612345678}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"shoe_size": "43"}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"postcode": "3511AB"}, "purpose": "service"}),
        ("customers/lookup/", {"identifiers": {"email": "a@example.org"}, "purpose": "x" * 33}),
        ("customers/lookup/", {"identifiers": {"email": "a@example.org"}, "purpose": {"a": 1}}),
        ("customers/", {}),
        ("customers/", BODY | {"email": "geen adres"}),
        ("customers/", BODY | {"first_name": "x" * 61}),
        ("customers/", BODY | {"first_name": {"a": 1}}),
        ("customers/", BODY | {"address": "Oudegracht 12"}),
        ("customers/", BODY | {"address": {"country": "Nederland"}}),
        ("customers/", BODY | {"loyalty_card": "abc"}),
        ("customers/", BODY | {"home_store": "S999"}),
        ("customers/", BODY | {"consents": [{"purpose": "tracking", "given": True, "text_version": "1"}]}),
        ("customers/", BODY | {"consents": [{"purpose": "newsletter", "given": "perhaps", "text_version": "1"}]}),
        ("customers/", []),
    ],
)
def test_bad_input_is_refused_and_writes_nothing(shop_api: APIClient, path: str, body: Any) -> None:
    # when
    response = shop_api.post(f"/api/v1/{path}", body)

    # then
    assert response.status_code == 400, response.content
    assert response.json()["type"] == "validation_error"
    assert response.json()["errors"][0]["code"]
    assert not Customer.objects.exists()


def test_lookups_have_a_limit_of_their_own(shop_api: APIClient, settings: Settings) -> None:
    # given
    settings.CUSTOMER_LOOKUP_RATE = "3/min"
    body = {"identifiers": {"email": "a@example.org"}, "purpose": "service"}

    # when
    answers = [shop_api.post("/api/v1/customers/lookup/", body) for _ in range(4)]

    # then
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert shop_api.post("/api/v1/customers/", BODY).status_code == 201
