"""The same ticket sent at the same moment by several senders: real threads on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from apps.core.models import Quarantined
from apps.orders.models import Order
from apps.tills.models import Ticket
from tests.shop import Shop, open_shop
from tests.tills.tickets import line, ticket

SENDERS = 8

pytestmark = pytest.mark.django_db(transaction=True)


def send_at_once(shop: Shop, bodies: list[Any]) -> list[dict[str, Any]]:
    def send(body: Any) -> dict[str, Any]:
        try:
            answer = shop.post("sales/", body)
            assert answer.status_code == 202, answer.content
            return dict(answer.json())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def test_equal_twins_are_booked_once():
    # given
    shop = open_shop()
    shop.receive(shop.s1, A=10)
    # when
    answers = send_at_once(shop, [ticket(line("A", 1), sequence=1)] * SENDERS)
    # then
    assert sorted((a["accepted"], a["duplicates"]) for a in answers) == [(0, 1)] * (SENDERS - 1) + [(1, 0)]
    assert len({number for a in answers for number in a["numbers"]}) == 1
    assert Order.objects.count() == Ticket.objects.count() == 1
    assert shop.stock("A").on_hand == 9


def test_of_different_twins_one_is_booked_and_the_others_are_conflicts():
    shop = open_shop()
    shop.receive(shop.s1, A=100)
    answers = send_at_once(shop, [ticket(line("A", n + 1), sequence=1) for n in range(SENDERS)])
    assert sum(a["accepted"] for a in answers) == 1
    assert [q["code"] for a in answers for q in a["quarantined"]] == ["conflict"] * (SENDERS - 1)
    assert Order.objects.count() == 1
    assert Quarantined.objects.filter(code="conflict").count() == SENDERS - 1


def test_arrays_in_opposite_orders_do_not_wait_for_each_other_in_a_circle():
    shop = open_shop()
    shop.receive(shop.s1, A=100, B=100)
    tickets = [ticket(line("AB"[n % 2]), sequence=n, till=str(n % 3)) for n in range(40)]
    answers = send_at_once(shop, [tickets, tickets[::-1]] * (SENDERS // 2))
    assert sum(a["accepted"] for a in answers) == 40
    assert sum(a["duplicates"] for a in answers) == 40 * (SENDERS - 1)
    assert shop.stock("A").on_hand == shop.stock("B").on_hand == 80


def test_what_is_booked_already_is_not_written_again_so_that_nobody_waits_for_it():
    # given
    shop = open_shop()
    shop.receive(shop.s1, A=100)
    tickets = [ticket(line("A"), sequence=n) for n in range(3)]
    [first] = send_at_once(shop, [tickets])
    versions = versions_of_documents()
    # when
    [again] = send_at_once(shop, [tickets[::-1]])
    # then
    assert (first["accepted"], again["duplicates"]) == (3, 3)
    assert len(versions) == 3
    assert versions_of_documents() == versions


def versions_of_documents() -> list[tuple[int, str]]:
    """Each document with the place of its row, which changes when it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text FROM core_inboxdocument ORDER BY id")
        return cursor.fetchall()
