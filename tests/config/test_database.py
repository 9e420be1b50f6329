"""Connections that outlive a request: one whose server has gone is replaced before the next request meets it."""

import threading
import time

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(pid: int) -> None:
    """As a restart of the server does: the connection ends while nobody uses it."""

    def terminate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.close()

    thread = threading.Thread(target=terminate)
    thread.start()
    thread.join()
    time.sleep(0.05)  # its last words arrive


def test_a_connection_whose_server_went_away_is_replaced() -> None:
    # given
    before = backend()
    end(before)
    # when
    connection.close_if_unusable_or_obsolete()  # as Django does between two requests
    # then
    assert backend() != before


def test_a_sound_connection_is_kept() -> None:
    # given
    before = backend()
    # when
    connection.close_if_unusable_or_obsolete()  # as Django does between two requests
    # then
    assert backend() == before
