"""Outside carriers: booked by a worker, outside any transaction, once; what fails says why and can be tried again."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.models import ApiClient
from apps.accounts.services import issue_api_key
from apps.orders.carriers import known
from apps.orders.carriers.known import carriers
from apps.orders.carriers.port import Booking, Carrier, CarrierRefused, Shipment
from apps.orders.models import Order, Parcel
from apps.orders.services import booking
from apps.orders.services.booking import book_again, book_due, follow_parcels
from apps.orders.services.fulfilling import pick
from apps.orders.services.packing import Packed, pack, unpack
from apps.orders.services.shipping import let_leave, ship
from apps.orders.services.types import WrongState
from tests.orders.counter import order_of, text_of
from tests.orders.how_to_carrier import Fietskoerier
from tests.shop import Shop
from tests.staff import browser

ADDRESS = {"postcode": "3511AB", "house_number": "1", "street": "Straat", "city": "Utrecht"}


class Office(BaseHTTPRequestHandler):
    """The carrier's side: books each number once."""

    booked: ClassVar[dict[str, Any]] = {}
    answers: ClassVar[list[tuple[int, Any]]] = []
    delivered: ClassVar[dict[str, str]] = {}

    def do_PUT(self) -> None:
        number = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, said = self.answers.pop(0) if self.answers else (200, None)
        if status == 200:
            self.booked[number] = body
        self.say(status, said or {"code": f"FK-{number}"})

    def do_GET(self) -> None:
        code = self.path.rpartition("/")[2]
        self.say(200, {"delivered_at": self.delivered.get(code)})

    def say(self, status: int, said: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Office]]:
    """The carrier of the how-to is installed, and answers on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Office)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(Fietskoerier, "address", f"http://127.0.0.1:{server.server_port}/")
    install(monkeypatch, Fietskoerier)
    Office.booked.clear()
    Office.answers.clear()
    Office.delivered.clear()
    yield Office
    server.shutdown()
    server.server_close()
    carriers.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, *found: type) -> None:
    """As if packages had brought these along."""

    class Entry:
        def __init__(self, loaded: type) -> None:
            self.name = self.value = loaded.__name__
            self.load = lambda: loaded

    monkeypatch.setattr(known, "entry_points", lambda group: [Entry(each) for each in found])
    carriers.cache_clear()


@pytest.fixture(autouse=True)
def own_carriers() -> Iterator[None]:
    yield
    carriers.cache_clear()


def picked(shop: Shop, *lines: tuple[str, Any]) -> Order:
    shop.sends(shop.s1)
    order = order_of(shop, *(lines or [("A", 2)]), fulfilment={"method": "delivery", "address": ADDRESS})
    pick(number=order.number, actor="t")
    return order


def packed(shop: Shop, carrier: str = "fietskoerier") -> Parcel:
    [parcel] = pack(number=picked(shop).number, packed=Packed(carrier=carrier, weight=900), actor="t")
    return parcel


def due_again() -> None:
    Parcel.objects.update(due_at=timezone.now())


def test_a_parcel_is_booked_by_a_worker_with_what_the_carrier_has_to_know(shop, office):
    # given
    parcel = packed(shop)
    assert parcel.status == "asked"
    with pytest.raises(WrongState):
        ship(number=parcel.order.number, actor="t")
    # when
    assert book_due() == 1
    # then
    parcel.refresh_from_db()
    assert (parcel.status, parcel.tracking_number) == ("booked", f"FK-{parcel.number}")
    assert office.booked[parcel.number]["grams"] == 900
    assert office.booked[parcel.number]["to"][1:5] == ["Straat", "1", "3511AB", "Utrecht"]
    assert book_due() == 0
    assert let_leave(number=parcel.number, actor="t").status == "shipped"


def test_nothing_is_asked_inside_a_transaction(shop, monkeypatch):
    # given
    inside: list[bool] = []

    class Watching(Carrier):
        code, name = "watching", "Watching"

        def book(self, shipment: Shipment) -> Booking:
            inside.append(len(connection.savepoint_ids) > depth)
            return Booking(tracking_number="W1")

    install(monkeypatch, Watching)
    packed(shop, "watching")
    depth = len(connection.savepoint_ids)  # the test itself is in one
    # when
    book_due()
    # then
    assert inside == [False]


def test_a_carrier_that_is_away_is_asked_again_and_shows_why(shop, office, associate):
    parcel = packed(shop)
    office.answers[:] = [(503, {})]
    assert book_due() == 0
    parcel.refresh_from_db()
    assert (parcel.status, parcel.attempts) == ("asked", 1)
    assert parcel.due_at > timezone.now()
    page = text_of(browser(associate).get(f"{parcel.order.get_absolute_url()}ship/"))
    assert "Fietskoerier answers 503." in page
    due_again()
    assert book_due() == 1


def test_after_a_day_of_tries_it_waits_for_somebody(shop, office):
    # given
    parcel = packed(shop)
    office.answers[:] = [(500, {})] * 100
    waited = dt.timedelta(0)
    # when
    while parcel.status == "asked":
        due_again()
        book_due()
        parcel.refresh_from_db()
        waited += parcel.due_at - timezone.now() if parcel.due_at else dt.timedelta(0)
    # then
    assert (parcel.status, office.booked) == ("failed", {})
    assert dt.timedelta(hours=23) < waited < dt.timedelta(hours=26)


def test_what_the_carrier_refuses_is_tried_again_by_a_person_or_goes_by_hand(shop, office, associate):
    # given
    parcel = packed(shop)
    office.answers[:] = [(422, {"why": "No such postcode."}), (422, {"why": "Still none."})]
    client, here = browser(associate), parcel.order.get_absolute_url()
    assert book_due() == 0
    assert "No such postcode." in text_of(client.get(f"{here}ship/"))
    # when somebody tries again
    client.post(f"{here}parcels/{parcel.number}/again/")
    assert book_due() == 0
    parcel.refresh_from_db()
    assert (parcel.status, parcel.failure) == ("failed", "Still none.")
    # and takes it to a counter then
    client.post(f"{here}parcels/{parcel.number}/tracking/", {"tracking_number": "3SABC", "service": "PostNL"})
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("booked", "manual", "3SABC")
    with pytest.raises(WrongState):
        book_again(number=parcel.number, actor="t")


def test_a_worker_that_died_is_followed_by_another_and_its_late_answer_counts_for_nothing(shop, office):
    # given
    parcel = packed(shop)
    dead = booking._lease()
    assert dead is not None
    assert book_due() == 0  # leased
    due_again()
    # when
    assert book_due() == 1
    # then
    assert not booking._write_down(dead, status="failed")
    parcel.refresh_from_db()
    assert parcel.status == "booked"
    assert list(office.booked) == [parcel.number]


def test_a_parcel_that_was_unpacked_meanwhile_stays_so(shop, office):
    parcel = packed(shop)
    leased = booking._lease()
    unpack(number=parcel.number, actor="t")
    assert leased is not None
    assert not booking._book(leased)
    parcel.refresh_from_db()
    assert parcel.status == "unpacked"


def test_an_error_nobody_expected_holds_up_no_other_parcel(shop, monkeypatch):
    class Odd(Carrier):
        code, name = "odd", "Odd"

        def book(self, shipment: Shipment) -> Booking:
            if shipment.number == first.number:
                raise KeyError("code")
            return Booking(tracking_number="O1", label=b"%PDF-1.7", label_type="application/pdf")

    install(monkeypatch, Odd)
    first, second = packed(shop, "odd"), packed(shop, "odd")
    assert book_due() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.failure) == ("asked", gettext("The carrier could not be reached."))
    assert bytes(second.label) == b"%PDF-1.7"


def test_the_carriers_own_label_is_printed(shop, associate, monkeypatch):
    class Printing(Carrier):
        code, name = "printing", "Printing"

        def book(self, shipment: Shipment) -> Booking:
            return Booking(tracking_number="P1", label=b"%PDF-1.7", label_type="application/pdf")

    install(monkeypatch, Printing)
    parcel = packed(shop, "printing")
    book_due()
    answer = browser(associate).get(f"{parcel.order.get_absolute_url()}parcels/{parcel.number}/label/")
    assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF-1.7")
    # and nobody else reads it
    with CaptureQueriesContext(connection) as queries:
        browser(associate).get(f"{parcel.order.get_absolute_url()}ship/")
        let_leave(number=parcel.number, actor="t")
        shop.get(f"orders/{parcel.order.number}/")
    assert not [query["sql"] for query in queries if '"label"' in query["sql"]]


def test_carriers_are_asked_what_arrived(shop, office):
    parcel = packed(shop)
    book_due()
    let_leave(number=parcel.number, actor="t")
    assert follow_parcels() == 0
    at = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
    office.delivered[f"FK-{parcel.number}"] = at.isoformat()
    assert follow_parcels() == 1
    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at) == ("delivered", at)
    assert follow_parcels() == 0


def test_all_parcels_have_their_turn_of_being_asked_about(shop, office):
    # given two on their way, of which the first never arrives
    first, second = packed(shop), packed(shop)
    book_due()
    for parcel in (first, second):
        let_leave(number=parcel.number, actor="t")
    office.delivered[f"FK-{second.number}"] = timezone.now().isoformat()
    # when / then
    assert [follow_parcels(limit=1), follow_parcels(limit=1)] == [0, 1]


def test_an_app_books_with_an_outside_carrier_before_it_says_that_the_parcel_left(shop, office, key_of):
    # given
    order = picked(shop)

    def ship_with(**parcel: Any) -> Any:
        sent = {"parcels": [{"lines": [{"line": 1, "quantity": "1"}]}, {"carrier": "fietskoerier", **parcel}]}
        return shop.post(f"orders/{order.number}/ship/", sent, api_key=key_of(shop.s1))

    # when
    refused = ship_with()
    # then
    assert refused.status_code == 400
    assert [fault["attr"] for fault in refused.json()["errors"]] == ["parcels.1.carrier"]
    assert not Parcel.objects.exists()
    assert ship_with(tracking_number="FK-1").json()["status"] == "shipped"


def test_a_carrier_that_is_none_or_takes_anothers_code_does_not_start(monkeypatch):
    class Twin(Carrier):
        code, name = "manual", "Twin"

        def book(self, shipment: Shipment) -> Booking:
            raise CarrierRefused

    for wrong in (Twin, dict):
        install(monkeypatch, wrong)
        with pytest.raises(ImproperlyConfigured):
            carriers()


def test_a_carrier_that_was_taken_away_says_so(shop, office, monkeypatch):
    parcel = packed(shop)
    install(monkeypatch)
    book_due()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.failure) == ("failed", gettext("This carrier is not installed here."))


# --- API ---------------------------------------------------------------------------------------------------------------


def test_an_app_packs_for_a_carrier_reads_the_label_and_ships(shop, office, key_of):
    # given
    order, key = picked(shop, ("A", 3), ("B", 1)), key_of(shop.s1)
    url = f"orders/{order.number}/"
    body = {"parcels": [{"carrier": "fietskoerier", "weight": 900, "lines": [{"line": 1, "quantity": "2"}]}]}
    # when: the same request twice packs once
    for _time in range(2):
        answer = shop.post(f"{url}pack/", body, key="pack-1", api_key=key)
        assert answer.status_code == 200
    # then the carrier is asked, and nothing leaves before it has answered
    [parcel] = answer.json()["parcels"]
    assert (parcel["status"], parcel["weight"], parcel["label_type"]) == ("asked", 900, "")
    label = f"{url}parcels/{parcel['number']}/label/"
    assert shop.get(label, api_key=key).status_code == 404
    assert shop.post(f"{url}ship/", api_key=key).status_code == 409
    # when
    assert book_due() == 1
    Parcel.objects.update(label=b"%PDF-1.7 label", label_type="application/pdf")
    # then
    [parcel] = shop.get(url, api_key=key).json()["parcels"]
    assert (parcel["status"], parcel["label_type"]) == ("booked", "application/pdf")
    assert parcel["tracking_number"] == f"FK-{parcel['number']}"
    answer = shop.get(label, api_key=key)
    assert (answer.content, answer["Content-Type"]) == (b"%PDF-1.7 label", "application/pdf")
    assert shop.get(label, api_key=key_of(shop.s2)).status_code == 404
    # when: what is in no parcel goes along, and the address is closed again
    assert shop.post(f"{url}ship/", api_key=key).json()["status"] == "shipped"
    assert shop.get(label, api_key=key).status_code == 404


def test_an_app_takes_a_parcel_apart_again(shop, office, key_of):
    order, key = picked(shop, ("A", 2)), key_of(shop.s1)
    url = f"orders/{order.number}/"
    packed = shop.post(f"{url}pack/", {"parcels": [{"carrier": "fietskoerier"}]}, api_key=key).json()
    number = packed["parcels"][0]["number"]
    assert shop.post(f"{url}parcels/{number}/unpack/", api_key=key_of(shop.s2)).status_code == 404
    for _time in range(2):
        answer = shop.post(f"{url}parcels/{number}/unpack/", api_key=key)
        assert (answer.status_code, answer.json()["parcels"]) == (200, [])
    assert shop.post(f"{url}pack/", {"parcels": [{}]}, api_key=key).status_code == 200


@pytest.mark.parametrize(
    ("parcels", "status", "attr"),
    [
        ([], 400, "parcels"),
        ([{}, {}], 409, None),
        ([{"lines": [{"line": 1, "quantity": "1"}]}, {"carrier": "nobody"}], 400, "parcels.1.carrier"),
        ([{"lines": [{"line": 1, "quantity": "9"}]}], 400, "parcels.0.lines"),
        ([{"lines": [{"line": 1, "quantity": "1"}] * 2}], 400, "parcels.0.lines"),
    ],
)
def test_what_cannot_be_packed_says_which_and_packs_nothing(shop, key_of, parcels, status, attr):
    order = picked(shop, ("A", 2))
    answer = shop.post(f"orders/{order.number}/pack/", {"parcels": parcels}, api_key=key_of(shop.s1))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (status, attr)
    assert not Parcel.objects.exists()


def test_a_line_that_is_named_twice_is_not_picked(shop, key_of):
    shop.sends(shop.s1)
    order = order_of(shop, ("A", 2), fulfilment={"method": "delivery", "address": ADDRESS})
    twice = {"lines": [{"line": 1, "quantity": "2"}, {"line": 1, "quantity": "1"}]}
    answer = shop.post(f"orders/{order.number}/pick/", twice, api_key=key_of(shop.s1))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "lines")
    assert order.lines.get().quantity_picked == 0


def test_what_a_carrier_says_is_for_whoever_works_where_the_parcel_stands(shop, key_of):
    # given: a parcel in S1 that the carrier refused, of an order that S2 sends a part of
    order = picked(shop, ("A", 1), ("B", 1))
    pack(number=order.number, packed=Packed(contents={1: Decimal(1)}), actor="t")
    Parcel.objects.update(status="failed", failure="Jan Jansen does not live there.")
    order.lines.filter(line=2).update(location=shop.s2)
    web = ApiClient.objects.create(name="Web", channel=shop.web, scopes=["orders:read"])
    # then
    told = {}
    for who, key in (("S1", key_of(shop.s1)), ("S2", key_of(shop.s2)), ("web", issue_api_key(client=web))):
        answer = shop.get(f"orders/{order.number}/", api_key=key)
        assert answer.status_code == 200, (who, answer.content)
        told[who] = answer.json()["parcels"][0]["failure"]
    assert told == {"S1": "Jan Jansen does not live there.", "S2": "", "web": ""}
