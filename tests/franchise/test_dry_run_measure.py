"""A dry run says what each store is credited by the rules in force, beside what each location sends."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from apps.core.events.subscribers import catch_up
from apps.franchise.models import RevenueShare
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from apps.inventory.models import Criterion
from apps.inventory.services.profiles import draft_profile, put_strategy
from apps.orders.models import DryRun
from apps.orders.services.dry_runs.replaying import try_out
from tests.orders.counter import text_of
from tests.shop import Shop, open_shop
from tests.staff import browser, person

TODAY = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)


@pytest.fixture
def monday(db: None, time_machine: Any) -> Shop:
    shop = open_shop()
    time_machine.move_to(TODAY - dt.timedelta(days=1), tick=False)
    shop.sends(shop.s1)
    shop.receive(shop.s1, A=10)
    shop.receive(shop.dc, A=5)
    time_machine.move_to(TODAY, tick=False)
    return shop


def rules(*waterfall: str) -> None:
    draft = draft_rule_set(version="v1", name="Contract", waterfall=list(waterfall), valid_from=dt.date(2020, 1, 1))
    publish_rule_set(rule_set=draft, principal=None)


def order(shop: Shop, quantity: int, **changes: Any) -> None:
    address = {"postcode": "3511AB", "house_number": "1", "city": "Utrecht"}
    body = shop.order_body(("A", quantity), fulfilment={"method": "delivery", "address": address}, **changes)
    answer = shop.post("orders/", body | {"placed_at": timezone.now().isoformat()})
    assert answer.status_code == 201, answer.content


def run(**conditions: Any) -> DryRun:
    profile = draft_profile(version="try", name="Tiel alone", takes_from_anywhere=False)
    put_strategy(profile=profile, position=None, name="One", criteria=[Criterion.NEAREST], **conditions)
    return try_out(profile=profile, since=TODAY.date(), until=TODAY.date())


def credited(outcome: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = outcome["measured"].get("franchise.credited", {})
    return found


def test_what_is_sent_is_credited_by_the_rules_whoever_sends_it(monday):
    # given: one order that S1 referred, one of nobody, and one that the distribution centre alone cannot send
    rules("referral", "residual")
    order(monday, 1, referral={"store": "S1"})
    order(monday, 2)
    order(monday, 3, referral={"store": "S1"})
    # when
    made = run(sources="dc")
    # then: of 10.00 with 21 % VAT 8.26 is credited; what is not sent is credited to nobody
    assert credited(made.as_it_went) == {"": "16.53", "S1": "33.05"}
    assert credited(made.tried) == {"": "16.53", "S1": "8.26"}
    assert made.tried["unsent"] == 1
    assert made.tried["sent_from"].keys() == {"DC"}
    # and nothing was credited by it
    assert not RevenueShare.objects.exists()


def test_it_is_the_same_before_and_after_the_orders_were_attributed(monday):
    rules("referral", "residual")
    order(monday, 1, referral={"store": "S1"})
    before = credited(run().as_it_went)
    catch_up()
    profile = DryRun.objects.get().profile
    made = try_out(profile=profile, since=TODAY.date(), until=TODAY.date())
    assert credited(made.as_it_went) == before == {"S1": "8.26"}


def test_without_rules_nothing_is_said(monday):
    order(monday, 1, referral={"store": "S1"})
    made = run()
    assert credited(made.as_it_went) == {}
    page = browser(person("Mirjam Vos", "head_office")).get(made.get_absolute_url())
    assert "Online revenue credited" not in text_of(page)


def test_the_page_shows_it_beside_the_other_figures(monday):
    rules("referral", "residual")
    order(monday, 1, referral={"store": "S1"})
    order(monday, 1)
    page = browser(person("Mirjam Vos", "head_office")).get(run().get_absolute_url())
    [measured] = page.context["measured"]
    assert [(row["code"], [str(value) for value in row["value"]]) for row in measured["rows"]] == [
        ("", ["8.26"] * 3),
        ("S1", ["8.26"] * 3),
    ]
    assert "No store: head office" in text_of(page)
