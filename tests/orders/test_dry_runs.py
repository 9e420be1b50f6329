"""Trying a sourcing profile out on orders of the past, against what it and the ledger say."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.core.errors import InvalidInput
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.inventory.models import Criterion, SourcingProfile
from apps.inventory.services.profiles import draft_profile, put_strategy
from apps.network import directory
from apps.network.models import Location, OpeningDay
from apps.orders.models import DryRun, Order, OrderLine
from apps.orders.services.dry_runs.replaying import try_out
from tests.orders.counter import text_of
from tests.shop import Shop
from tests.staff import browser, person

MONDAY = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
UTRECHT = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}


def order(shop: Shop, *lines: tuple[str, int]) -> str:
    body = shop.order_body(*lines, fulfilment={"method": "delivery", "address": UTRECHT})
    answer = shop.post("orders/", body | {"placed_at": timezone.now().isoformat()})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["number"])


def profile(*criteria: str, **conditions: Any) -> SourcingProfile:
    made = draft_profile(version="try", name="Close by", takes_from_anywhere=False)
    put_strategy(profile=made, position=None, name="One", criteria=list(criteria), **conditions)
    return made


def run(made: SourcingProfile, days: int = 1) -> DryRun:
    since = MONDAY.date()
    return try_out(profile=made, since=since, until=since + dt.timedelta(days=days - 1))


@pytest.fixture
def monday(shop: Shop, time_machine: Any) -> Shop:
    """S1 in Utrecht and the distribution centre in Tiel both send; ten pieces of each product lie in S1, five of A in Tiel."""
    time_machine.move_to(MONDAY - dt.timedelta(days=1), tick=False)
    shop.sends(shop.s1)
    shop.receive(shop.s1, A=10, B=10)  # what the shop opened with came later than this
    shop.receive(shop.dc, A=5)
    time_machine.move_to(MONDAY, tick=False)
    return shop


def sent_from(outcome: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {code: (one["parcels"], one["value"]) for code, one in outcome["sent_from"].items()}


def test_the_same_orders_by_other_rules(monday):
    # given three orders that the distribution centre sent, by the rule that is built in
    for _n in range(3):
        order(monday, ("A", 1))
    # when they are gone through by nearness
    made = run(profile(Criterion.NEAREST))
    # then
    assert (made.orders, made.placed, made.against) == (3, 3, None)
    assert sent_from(made.as_it_went) == sent_from(made.in_force) == {"DC": (3, "30.00")}
    assert sent_from(made.tried) == {"S1": (3, "30.00")}
    assert (made.tried["km"], made.tried["ways"]) == (0.0, 3)
    assert made.in_force["km"] == pytest.approx(93, abs=1)
    assert made.tried["split"] == made.tried["unsent"] == made.tried["late"] == 0
    # and nothing changed
    assert set(OrderLine.objects.values_list("location__code", flat=True)) == {"DC"}
    assert monday.stock("A").reserved == 0


def test_what_would_come_after_the_promised_day_is_late(monday):
    # given orders that the distribution centre could bring the next day, and a store that is closed for two days
    for _n in range(2):
        order(monday, ("A", 1))
    for day in (0, 1):
        OpeningDay.objects.create(location=monday.s1, day=MONDAY.date() + dt.timedelta(days=day))
    directory.forget()
    # when
    near = run(profile(Criterion.NEAREST))
    # then
    assert (near.in_force["late"], near.as_it_went["late"]) == (0, 0)
    assert (sent_from(near.tried), near.tried["late"]) == ({"S1": (2, "20.00")}, 2)
    # and who minds the promised day leaves that store out
    made = draft_profile(version="in-time", name="In time", takes_from_anywhere=False)
    put_strategy(profile=made, position=None, name="One", criteria=[Criterion.NEAREST], in_time=True)
    assert sent_from(run(made).tried) == {"DC": (2, "20.00")}


def test_goods_are_sent_once_and_a_split_costs_a_parcel(monday):
    # given one order of both, of which the distribution centre has A alone, and one of more than any has
    order(monday, ("A", 3))
    order(monday, ("A", 2), ("B", 1))
    made = run(profile(Criterion.WAREHOUSE_FIRST))
    # then the second finds two in Tiel, and B in Utrecht
    assert made.tried["parcels"] == 3
    assert made.tried["split"] == 1
    assert sent_from(made.tried) == {"DC": (2, "50.00"), "S1": (1, "10.00")}


def test_what_nobody_has_enough_of_is_not_sent(monday):
    order(monday, ("A", 6))
    made = run(profile(Criterion.NEAREST, sources="dc"))
    assert (made.tried["unsent"], made.tried["parcels"]) == (1, 0)
    assert made.as_it_went["unsent"] == 0


def test_stock_is_what_lay_there_that_day(monday, time_machine):
    # given an order on Monday that S1 had no B for, whatever came in on Tuesday
    number = order(monday, ("A", 1))
    monday.post(f"orders/{number}/pick/")
    monday.post(f"orders/{number}/ship/")
    time_machine.move_to(MONDAY + dt.timedelta(days=1), tick=False)
    monday.receive(monday.dc, B=7)
    order(monday, ("B", 2))
    time_machine.move_to(MONDAY + dt.timedelta(days=2), tick=False)
    order(monday, ("B", 2))
    made = run(profile(Criterion.WAREHOUSE_FIRST, sources="dc"), days=3)
    # then Tuesday's order found none yet at the beginning of that day, Wednesday's did
    assert (made.orders, made.tried["unsent"]) == (3, 1)
    assert sent_from(made.tried) == {"DC": (2, "30.00")}


def test_what_the_run_sends_is_gone_and_what_was_sent_in_fact_is_not_taken_off_again(monday, time_machine):
    # given two that Tiel shipped on Monday, and the other three on Tuesday
    for quantity, day in ((2, 0), (3, 1)):
        time_machine.move_to(MONDAY + dt.timedelta(days=day), tick=False)
        number = order(monday, ("A", quantity))
        monday.post(f"orders/{number}/pick/")
        monday.post(f"orders/{number}/ship/")
    made = profile(Criterion.WAREHOUSE_FIRST, sources="dc")
    assert sent_from(run(made, days=2).tried) == {"DC": (2, "50.00")}
    # when one more was wanted on Tuesday, which S1 sent
    order(monday, ("A", 1))
    tried = run(made, days=2).tried
    assert (tried["parcels"], tried["unsent"]) == (2, 1)


def test_parcels_above_what_a_location_can_send_are_late(monday):
    Location.objects.filter(code="DC").update(parcels_a_day=2)
    directory.forget()
    for _n in range(3):
        order(monday, ("A", 1))
    Order.objects.update(speed="")
    made = run(profile(Criterion.NEAREST, sources="dc"))
    # a strategy minds the limit, so the third is not sent; what happened went above it, or elsewhere
    assert (made.tried["parcels"], made.tried["unsent"], made.tried["late"]) == (2, 1, 0)
    assert made.as_it_went["late"] == 1


def test_refusals_are_expected_by_what_was_refused_lately(monday):
    first, _second = order(monday, ("A", 1)), order(monday, ("A", 1))
    monday.post(f"orders/{first}/short/", {"line": 1})
    # the first went on to S1: the distribution centre refused one of two
    made = run(profile(Criterion.WAREHOUSE_FIRST))
    assert made.as_it_went["refusals"] == 1
    assert made.tried["refusals"] == 1.0


def test_of_many_orders_some_are_gone_through_evenly(monday, monkeypatch):
    for _n in range(4):
        order(monday, ("A", 1))
    monkeypatch.setattr("apps.orders.services.dry_runs.replaying.MOST_ORDERS", 2)
    made = run(profile(Criterion.NEAREST))
    assert (made.placed, made.orders, made.tried["parcels"]) == (4, 2, 2)


def test_a_period_that_makes_no_sense_is_refused(monday):
    made = profile(Criterion.NEAREST)
    with pytest.raises(InvalidInput):
        run(made)  # no orders
    with pytest.raises(InvalidInput):
        try_out(profile=made, since=dt.date(2026, 11, 2), until=dt.date(2026, 11, 1))
    with pytest.raises(InvalidInput):
        try_out(profile=made, since=dt.date(2026, 1, 1), until=dt.date(2026, 3, 1))


def test_head_office_tries_a_draft_out_by_page(monday):
    order(monday, ("A", 1))
    made = profile(Criterion.NEAREST)
    office = browser(person("Mirjam Vos", "head_office"))
    # when
    assert "See what this profile would have made" in text_of(office.get(f"/orders/dry-runs/of/{made.version}/"))
    answer = office.post(f"/orders/dry-runs/of/{made.version}/try/", {"since": "2026-11-16", "until": "2026-11-16"})
    assert answer.status_code == 302
    job = Job.objects.get()
    run_job(job.key)
    job.refresh_from_db()
    # then
    page = text_of(office.get(job.link))
    assert all(word in page for word in ("Dry run of Close by", "Kilometres a parcel", "Tiel", "Utrecht"))
    assert "The draft was changed since" not in page
    assert job.link in office.get(f"/orders/dry-runs/of/{made.version}/").content.decode()
    put_strategy(profile=made, position=None, name="Two", criteria=[Criterion.LEAST_BUSY])
    assert "The draft was changed since" in text_of(office.get(job.link))
    wrong = office.post(f"/orders/dry-runs/of/{made.version}/try/", {"since": "2026-11-16", "until": "2026-11-15"})
    assert "The last day comes after the first." in text_of(wrong)
    assert DryRun.objects.get().orders == 1


def test_the_value_of_a_line_partly_called_off_counts_in_part(monday):
    number = order(monday, ("A", 4))
    OrderLine.objects.filter(order__number=number).update(quantity_cancelled=Decimal(1))
    assert sent_from(run(profile(Criterion.NEAREST)).tried) == {"S1": (1, "30.00")}


def test_what_was_not_sent_is_in_no_ones_value(monday):
    # given two lines of A, of which one was never sent
    number = order(monday, ("A", 1), ("A", 1))
    OrderLine.objects.filter(order__number=number, line=2).update(location=None)
    # then
    went = run(profile(Criterion.NEAREST)).as_it_went
    assert (sent_from(went), went["unsent"]) == ({"DC": (1, "10.00")}, 1)


def test_amounts_of_several_currencies_are_not_added_up(monday):
    # given two orders in euros and one in another currency
    numbers = [order(monday, ("A", 1)) for _n in range(3)]
    Order.objects.filter(number=numbers[2]).update(currency="SEK")
    # when
    made = run(profile(Criterion.NEAREST))
    # then
    assert sent_from(made.tried) == {"S1": (2, "20.00")}
    assert (made.placed, made.orders, made.as_it_went["parcels"]) == (2, 2, 2)
    page = text_of(browser(person("Mirjam Vos", "head_office")).get(made.get_absolute_url()))
    assert "All amounts are in EUR. 1 order in another currency is left out." in page
