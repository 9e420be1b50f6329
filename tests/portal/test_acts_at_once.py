"""An act of a page that others got in the way of is done again; what is busy for long says so."""

from typing import Any

import pytest
from django.db import connection

from apps.core.errors import Busy
from apps.network.models import Location
from apps.portal.pages.acting import Acting

pytestmark = pytest.mark.django_db(transaction=True)


class Page(Acting, abstract=True):
    """A page in the middle of its act: the database gives up on it `deadlocks` times."""

    def __init__(self, deadlocks: int) -> None:
        super().__init__()
        self.deadlocks, self.attempts = deadlocks, 0

    def act(self) -> str:
        self.attempts += 1
        Location.objects.create(code=f"L{self.attempts}", name="L")
        if self.attempts <= self.deadlocks:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$")
        return "done"


def run(page: Page) -> Any:
    return page.carry_out(page.act)


def test_an_act_that_met_a_deadlock_is_done_again():
    page = Page(deadlocks=2)
    assert run(page) == "done"
    # and what the attempts before wrote is gone
    assert list(Location.objects.values_list("code", flat=True)) == ["L3"]


def test_an_act_that_meets_one_each_time_is_refused_as_busy():
    with pytest.raises(Busy):
        run(Page(deadlocks=9))
    assert not Location.objects.exists()
