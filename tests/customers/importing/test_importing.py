"""Customers of another system from a file: who would join whom is said first, and booked as it was said."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.models import Event
from apps.core.reconcile import reconcile
from apps.customers.importing.cells import split_address, split_name
from apps.customers.importing.people import CustomerImport
from apps.customers.models import Basis, Consent, Customer, PersonDetails, SourceRecord
from apps.customers.resolving.arriving import match_waiting
from apps.customers.services.joining import join
from apps.customers.services.people import Person
from apps.customers.services.reading import source_records_of
from apps.customers.services.recognising import recognise
from apps.loyalty.models import LoyaltyAccount, PointsEntry
from apps.loyalty.services.forfeiting import forfeit
from apps.orders.models import Order
from apps.portal.importing.columns import guess_columns
from apps.portal.importing.models import Import
from tests.portal.importing.conftest import book

HEAD = "Klantnummer;Kaartnummer;E-mailadres;Telefoon;Voornaam;Tussenvoegsel;Achternaam;Geboortedatum;Adres;Postcode;Plaats\n"
OPTIONS = {"system": "oldshop", "country": "NL", "verified": "on"}
SHOPIFY = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags"
)
MAGENTO = "email,_website,_store,created_at,dob,firstname,gender,group_id,lastname,middlename,taxvat,website_id"
LIGHTSPEED = (
    "customer_code,first_name,last_name,email,phone,mobile,company_name,date_of_birth,physical_address1,physical_city,"
    "physical_postcode,physical_country_id"
)


@pytest.fixture
def jan(shop) -> Customer:
    """Known by his address at the webshop and by his card."""
    [record_id] = recognise(
        [
            Person(
                source="web",
                account_id="web-77",
                loyalty_card="2912345678901",
                email="j.jansen@example.org",
                email_is_verified=True,
                phone="0612345678",
                first_name="Jan",
                last_name="Jansen",
                street="Oudegracht",
                city="Utrecht",
            )
        ],
        actor="system",
    )
    return Customer.objects.get(source_records=record_id)


def found(upload: Import) -> dict[int, tuple[str, str]]:
    return {number: (outcome, mark) for number, outcome, mark in upload.rows.values_list("number", "outcome", "mark")}


def differences(upload: Import, number: int) -> dict[str, str]:
    row = upload.rows.select_related("upload").get(number=number)
    return {name: new for name, _old, new in row.differences}


def test_the_preview_says_who_joins_whom_and_changes_nothing(shop, load, jan):
    # when
    upload = load(
        HEAD
        + "1;;J.Jansen@example.org;;Jan;;Jansen;21-3-1974;Kerkstraat 12 bis;3511 ab;Utrecht\n"
        + "2;2912345678901;;;J.;;Jansen;;;;\n"
        + "3;;iris@example.org;;Iris;de;Wit;;;;\n"
        + "4;;iris@example.org;;I.;de;Wit;;;;\n"
        + "5;;;06-12345678;Truus;;Jansen;;;;\n"
        + "6;;niemand;;Geen;;Adres;;;;\n"
        + "3;;iris@example.org;;Iris;de;Wit;;;;\n"
        + ";;;;Nie;;Mand;;;;\n",
        kind="customers",
        **OPTIONS,
    )
    # then
    assert found(upload) == {
        2: ("new", "recognised"),
        3: ("new", "recognised"),
        4: ("new", ""),
        5: ("new", "in_file"),
        6: ("new", "suspect"),
        7: ("error", ""),
        8: ("error", ""),
        9: ("error", ""),
    }
    assert upload.marks == {"recognised": 2, "in_file": 1, "suspect": 1}
    told = differences(upload, 2)
    assert told["joins"] == "E-mail address → J. J., Oudegracht, Utrecht"
    assert (told["street"], told["house_number"], told["house_number_suffix"]) == ("Kerkstraat", "12", "BIS")
    assert (told["postcode"], told["birth_date"], told["country"]) == ("3511AB", "1974-03-21", "NL")
    assert differences(upload, 3)["joins"].startswith("Loyalty card → J. J.")
    assert differences(upload, 5)["joins"] == "E-mail address → 3"
    assert "J. J., Oudegracht, Utrecht" in differences(upload, 6)["suspect"]
    problems = {
        row.number: [p["reason"] for p in row.problems_in_words()]
        for row in upload.rows.select_related("upload").filter(outcome="error")
    }
    assert "niemand" in problems[7][0]
    assert "row 4" in problems[8][0]
    assert "Nothing in this row tells" in problems[9][0]
    assert SourceRecord.objects.filter(source="oldshop").count() == 0


def test_booking_does_what_was_said_and_twice_the_same_changes_nothing(shop, mine, load, jan):
    # given
    content = (
        HEAD
        + "1;2629999999991;j.jansen@example.org;;Jan;;Jansen;;;;\n"
        + "2;;iris@example.org;;Iris;de;Wit;;;;\n"
        + "3;;iris@example.org;;I.;de;Wit;;;;\n"
    )
    # when
    upload = book(mine, load(content, kind="customers", **OPTIONS))
    # then
    assert upload.state == "booked"
    records = {r.external_id: r.customer_id for r in SourceRecord.objects.filter(source="oldshop")}
    assert records["1"] == jan.pk
    assert records["2"] == records["3"] != jan.pk
    assert LoyaltyAccount.objects.get(card_number="2629999999991").source_record.external_id == "1"
    iris = PersonDetails.objects.filter(source_record__external_id="2").get()
    assert (iris.first_name, iris.infix, iris.last_name) == ("Iris", "de", "Wit")
    # and again
    events, customers = Event.objects.count(), Customer.objects.count()
    again = load(content, kind="customers", **OPTIONS)
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 3, "error": 0}
    assert (Event.objects.count(), Customer.objects.count()) == (events, customers)


def test_a_changed_row_says_what_changes(shop, mine, load):
    book(mine, load(HEAD + "1;;a@example.org;;Anna;;Berg;;Kerkstraat 1;3511AB;Utrecht\n", kind="customers", **OPTIONS))
    moved = load(HEAD + "1;;a@example.org;;Anna;;Berg;;Dorpsweg 9;2011AB;Haarlem\n", kind="customers", **OPTIONS)
    assert found(moved) == {2: ("changed", "")}
    row = moved.rows.get()
    assert ["city", "Utrecht", "Haarlem"] in row.differences
    assert {name for name, _old, _new in row.differences} == {"street", "house_number", "postcode", "city"}


def test_unconfirmed_addresses_join_nobody(shop, mine, load, jan):
    options = OPTIONS | {"verified": ""}
    upload = load(HEAD + "1;;j.jansen@example.org;;Jan;;Jansen;;;;\n", kind="customers", **options)
    assert found(upload) == {2: ("new", "suspect")}
    book(mine, upload)
    assert SourceRecord.objects.get(source="oldshop").customer_id != jan.pk


def test_the_newsletter_is_taken_over_only_with_text_date_and_proof(shop, mine, load):
    head = "id;email;nieuwsbrief;optindate;optintext;bewijs\n"
    content = head + (
        "1;a@example.org;ja;21-3-2024;2024-1;webformulier\n"
        "2;b@example.org;ja;;;\n"
        "3;c@example.org;nee;1-2-2025;;\n"
        "4;d@example.org;ja;21-3-2024;;webformulier\n"
        "5;e@example.org;misschien;;;\n"
    )
    upload = load(content, kind="customers", **OPTIONS)
    assert "not taken over" in differences(upload, 3)["consent"]
    assert "not taken over" in differences(upload, 5)["consent"]
    assert found(upload)[6][0] == "error"
    # when
    book(mine, upload, valid=True)
    # then
    words = {c.source_record.external_id: c for c in Consent.objects.select_related("source_record")}
    assert {key: word.given for key, word in words.items()} == {"1": True, "3": False}
    assert (words["1"].text_version, words["1"].proof) == ("2024-1", "webformulier")
    assert words["1"].occurred_at.date() == dt.date(2024, 3, 21)
    # a second time it is known
    rest = head + "1;a@example.org;ja;21-3-2024;2024-1;webformulier\n"
    assert load(rest, kind="customers", **OPTIONS).counts["unchanged"] == 1


def test_orders_that_come_later_find_who_was_imported(shop, mine, load):
    """The webshop goes on selling: its customers were imported under the code of its channel."""
    book(mine, load("id;email\nweb-77;x@example.org\n", kind="customers", system="web", country="NL", verified=""))
    answer = shop.post("orders/", shop.order_body(customer={"account_id": "web-77"}))
    assert answer.status_code == 201
    order = Order.objects.get(number=answer.json()["number"])
    assert order.source_record.customer_id == SourceRecord.objects.get(external_id="web-77").customer_id


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (
            SHOPIFY,
            {
                "external_id": "Customer ID",
                "newsletter": "Accepts Email Marketing",
                "organisation": "Default Address Company",
                "address": "Default Address Address1",
                "postcode": "Default Address Zip",
                "country": "Default Address Country Code",
            },
        ),
        (MAGENTO, {"email": "email", "birth_date": "dob", "infix": "middlename", "vat": "taxvat"}),
        (LIGHTSPEED, {"external_id": "customer_code", "organisation": "company_name", "address": "physical_address1"}),
        (HEAD.strip().replace(";", ","), {"external_id": "Klantnummer", "address": "Adres", "city": "Plaats"}),
    ],
)
def test_the_headings_of_other_systems_are_known(header, known):
    guessed = guess_columns(CustomerImport(), header.split(","), {})
    assert known.items() <= guessed.items()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Kerkstraat 12 bis", ("Kerkstraat", "12", "bis")),
        ("Laan van Meerdervoort 1082-A", ("Laan van Meerdervoort", "1082", "A")),
        ("Plein 1944 7", ("Plein 1944", "7", "")),
        ("Dorpsweg", ("Dorpsweg", "", "")),
    ],
)
def test_an_address_in_one_cell_is_taken_apart(text, parts):
    assert split_address(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Anna van den Berg", ("Anna", "van den", "Berg")),
        ("Berg, Anna van den", ("Anna", "van den", "Berg")),
        ("Jan Jansen", ("Jan", "", "Jansen")),
        ("Jan de Boer-Smit", ("Jan", "de", "Boer-Smit")),
        ("Jansen", ("", "", "Jansen")),
    ],
)
def test_a_name_in_one_cell_is_taken_apart(text, parts):
    assert split_name(text) == parts


def test_a_file_takes_no_more_statements_when_it_is_longer(shop, load):
    few = HEAD + "".join(f"{n};;a{n}@example.org;;A;;B;;;;\n" for n in range(3))
    many = HEAD + "".join(f"{n};;b{n}@example.org;;A;;B;;;;\n" for n in range(60))
    with CaptureQueriesContext(connection) as first:
        load(few, kind="customers", **OPTIONS)
    with CaptureQueriesContext(connection) as second:
        load(many, kind="customers", **OPTIONS)
    assert len(second) <= len(first) + 3


def test_points_of_the_old_programme_open_the_card_once(shop, mine, load):
    # given
    head = "Klantnummer;Kaartnummer;Punten\n"
    rows = "1;2629999999991;1.250\n2;2629999999992;0\n3;2629999999993;40\n"
    upload = load(head + rows, kind="customers", **OPTIONS)
    assert differences(upload, 2)["balance"] == "1,250 brought along"
    assert "balance" not in differences(upload, 3)
    # when
    book(mine, upload)
    # then
    balances = dict(LoyaltyAccount.objects.values_list("card_number", "balance"))
    assert balances == {"2629999999991": 1250, "2629999999992": 0, "2629999999993": 40}
    entry = PointsEntry.objects.get(points=1250)
    assert (entry.kind, entry.is_pending, entry.lot.remaining, entry.lot.is_active) == ("opening", False, 1250, True)
    assert not any(outcome.differences for outcome in reconcile())
    # and the same file again, or a newer one with another number, brings nothing more
    for again in (rows, rows.replace("1.250", "9000")):
        repeated = load(head + again, kind="customers", **OPTIONS)
        assert not repeated.rows.exists()  # nothing changes
    assert dict(LoyaltyAccount.objects.values_list("card_number", "balance")) == balances


def test_points_need_a_card_and_are_a_whole_number(shop, load):
    # when
    upload = load(
        "Klantnummer;Kaartnummer;Punten\n1;;250\n2;2629999999991;veel\n3;2629999999992;-5\n4;2629999999993;12,00\n",
        kind="customers",
        **OPTIONS,
    )
    # then
    wrong = {
        row.number: row.problems_in_words()[0]["reason"]
        for row in upload.rows.select_related("upload").filter(outcome="error")
    }
    assert set(wrong) == {2, 3, 4}
    assert "no card" in wrong[2]
    assert "veel" in wrong[3]
    assert differences(upload, 5)["balance"] == "12 brought along"


def test_points_brought_along_are_forfeited_with_the_others(shop, mine, load):
    # given
    book(mine, load("Klantnummer;Kaartnummer;Punten\n1;2629999999991;100\n", kind="customers", **OPTIONS))
    account = LoyaltyAccount.objects.get()
    # when somebody is forgotten, what was brought along is forfeited as any other
    forfeit([account.source_record_id], "user:1")
    # then
    account.refresh_from_db()
    assert account.balance == 0
    assert not any(outcome.differences for outcome in reconcile())


@pytest.fixture
def findable(jan) -> Customer:
    """Jan, with the keys by which matching finds who is like him."""
    told = Person(
        source="app",
        account_id="app-1",
        first_name="Willemijn",
        last_name="Oosterhuis",
        birth_date=dt.date(1974, 3, 21),
        street="Oudegracht",
        house_number="12",
        postcode="3511AB",
        city="Utrecht",
        email="w.oosterhuis@example.org",
        phone="0612121212",
    )
    [record_id] = recognise([told], actor="system")
    match_waiting()
    return Customer.objects.get(source_records=record_id)


LIKE_HER = ";;w.oosterhuis@example.org;0612121212;Willemijn;;Oosterhuis;21-3-1974;Oudegracht 12;3511AB;Utrecht\n"


def test_the_preview_says_who_would_be_joined_by_likeness_as_it_then_happens(shop, mine, load, findable):
    # given nothing in the file proves who somebody is: the same person, her daughter, and somebody else
    rows = (
        f"1{LIKE_HER}"
        + "2;;;;Sanne;;Oosterhuis;2-4-2003;Oudegracht 12;3511AB;Utrecht\n"
        + "3;;b.smit@example.org;;Bram;;Smit;1-1-1990;Kade 1;1011AB;Amsterdam\n"
    )
    upload = load(HEAD + rows, kind="customers", system="oldshop", country="NL")
    # then
    assert found(upload) == {2: ("new", "alike"), 3: ("new", ""), 4: ("new", "")}
    assert "W. O., Oudegracht, Utrecht; joined by likeness" in differences(upload, 2)["suspect"]
    # when
    book(mine, upload)
    match_waiting()
    # then
    joined = SourceRecord.objects.filter(source="oldshop", customer=findable).values_list("external_id", flat=True)
    assert [one.rpartition(":")[2] for one in joined] == ["1"]


def test_likeness_that_another_record_of_the_customer_contradicts_is_for_a_clerk(shop, load, findable):
    # given the customer was joined by hand with somebody born on another day
    [other] = recognise(
        [Person(source="tills", loyalty_card="2912345678977", first_name="Willemijn", birth_date=dt.date(1950, 1, 2))],
        actor="system",
    )
    join(min(source_records_of(findable)), other, basis=Basis.BY_HAND, actor="user:1", reason="x")
    # when
    upload = load(HEAD + f"1{LIKE_HER}", kind="customers", system="oldshop", country="NL")
    # then
    assert found(upload) == {2: ("new", "suspect")}
    assert differences(upload, 2)["suspect"].endswith("a clerk is asked")
