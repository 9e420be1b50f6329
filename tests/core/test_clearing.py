"""What is done after a test that commits (tests/clearing.py)."""

import time

from django.db import connection

from apps.network.models import Location
from tests.clearing import clear
from tests.waiting import while_another_waits


def test_whoever_still_writes_is_waited_for_however_long_that_takes(transactional_db):
    def impatient() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        clear()

    # when somebody writes for longer than a lock is waited for
    while_another_waits(
        lambda: Location.objects.create(code="S001", name="Haarlem"), impatient, then=lambda: time.sleep(0.2)
    )
    # then what they wrote is gone too
    assert not Location.objects.exists()
