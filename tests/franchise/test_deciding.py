import datetime as dt

import pytest
from django.utils import timezone

from apps.customers.models import SourceRecord
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.franchise.models import Attribution
from apps.franchise.services.deciding import attribute_orders
from apps.loyalty.services.opening import open_account
from tests.franchise.chain import Chain, pass_on, read_events

JAN = Person(source="webshop", account_id="web-77", email="jan@example.org", email_is_verified=True)
LINES = [("A1", "1", "10.00")]


def decided(order) -> Attribution:
    read_events()
    return Attribution.objects.get(order_number=order.number)


def evidence(attribution: Attribution) -> dict[str, str | None]:
    return {c["kind"]: c["location"] for c in attribution.candidates}


def live_in(chain: Chain, who: Person, code: str) -> int:
    """The person's own store, as their system knows it."""
    record_id = recognise([who], actor="test")[0]
    SourceRecord.objects.filter(pk=record_id).update(home_location=chain.stores[code])
    return record_id


@pytest.mark.parametrize(
    ("waterfall", "kind", "code"),
    [
        (["collect", "referral", "home", "residual"], "collect", "S001"),
        (["referral", "collect", "home", "residual"], "referral", "S002"),
        (["home", "collect", "referral", "residual"], "home", "S003"),
        (["residual"], "residual", None),
    ],
)
def test_the_first_evidence_of_the_waterfall_takes_the_order(chain, waterfall, kind, code):
    # given
    chain.publish(*waterfall)
    live_in(chain, JAN, "S003")
    # when
    order = chain.order(lines=LINES, collect="S001", referral="S002", customer=JAN)
    # then
    attribution = decided(order)
    assert attribution.evidence == kind
    assert (attribution.location.code if attribution.location else None) == code
    assert evidence(attribution) == {"collect": "S001", "referral": "S002", "home": "S003", "residual": None}


def test_without_evidence_the_seller_keeps_the_order(chain):
    # given
    chain.publish()
    # when
    attribution = decided(chain.order(lines=LINES))
    # then
    assert (attribution.evidence, attribution.location, attribution.legal_entity) == ("residual", None, chain.own)


def test_the_home_store_of_another_record_of_the_customer_counts(chain):
    # given: the loyalty programme knows Jan's store, the webshop does not
    chain.publish()
    card = open_account(person=JAN, issued_by=None, actor="test")
    SourceRecord.objects.filter(pk=card.source_record_id).update(home_location=chain.stores["S002"])
    # when
    attribution = decided(chain.order(lines=LINES, customer=JAN))
    # then
    assert attribution.location == chain.stores["S002"]
    assert [c["source"] for c in attribution.candidates if c["kind"] == "home"] == ["records"]


def test_the_store_that_issued_the_card_is_the_home_store(chain):
    # given
    chain.publish()
    open_account(person=JAN, issued_by=chain.stores["S003"], actor="test")
    # when
    attribution = decided(chain.order(lines=LINES, customer=JAN))
    # then
    assert attribution.location == chain.stores["S003"]
    assert [c["source"] for c in attribution.candidates if c["kind"] == "home"] == ["card"]


def test_the_order_s_own_record_speaks_before_the_card(chain):
    # given
    chain.publish()
    open_account(person=JAN, issued_by=chain.stores["S003"], actor="test")
    live_in(chain, JAN, "S001")
    # when / then
    assert decided(chain.order(lines=LINES, customer=JAN)).location == chain.stores["S001"]


def test_what_became_known_after_placing_changes_nothing(chain):
    # given: placed, and read by the subscriber
    chain.publish()
    order = chain.order(lines=LINES, customer=JAN)
    read_events()
    # when
    live_in(chain, JAN, "S001")
    open_account(person=JAN, issued_by=chain.stores["S003"], actor="test")
    chain.hand_over(order)
    # then
    assert decided(order).evidence == "residual"


def test_a_card_issued_after_placing_does_not_count_even_when_the_news_is_late(chain):
    # given
    chain.publish()
    order = chain.order(lines=LINES, customer=JAN)
    # when
    open_account(person=JAN, issued_by=chain.stores["S003"], actor="test")
    # then
    assert decided(order).evidence == "residual"


def test_the_owner_of_the_day_of_ordering_is_credited(chain):
    # given
    chain.publish()
    order = chain.order(lines=LINES, collect="S001", placed_at=timezone.now() - dt.timedelta(days=3))
    pass_on(chain.stores["S001"], chain.bram, on=timezone.localdate() - dt.timedelta(days=1))
    # when / then
    assert decided(order).legal_entity == chain.anna
    assert decided(chain.order(lines=LINES, collect="S001")).legal_entity == chain.bram


def test_the_rules_in_force_when_it_was_placed_decide(chain):
    # given
    chain.publish(version="v1")
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    chain.publish("residual", version="v2", valid_from=tomorrow)
    # when
    today = decided(chain.order(lines=LINES, collect="S001"))
    later = decided(chain.order(lines=LINES, collect="S001", placed_at=timezone.now() + dt.timedelta(days=1)))
    # then
    assert (today.rule_set.version, today.evidence) == ("v1", "collect")
    assert (later.rule_set.version, later.evidence) == ("v2", "residual")


def test_before_the_first_rules_nothing_is_credited(chain):
    # given
    chain.publish(valid_from=timezone.localdate())
    # when
    order = chain.order(lines=LINES, collect="S001", placed_at=timezone.now() - dt.timedelta(days=2))
    read_events()
    # then
    assert not Attribution.objects.filter(order_number=order.number).exists()


def test_a_distribution_centre_is_no_store(chain):
    # given
    chain.publish()
    # when / then
    assert decided(chain.order(lines=LINES, referral="DC1")).evidence == "residual"


def test_sales_in_stores_and_history_are_not_attributed(chain):
    # given
    chain.publish()
    till = chain.web.__class__.objects.create(
        code="till-S001", name="S001", kind="store", location=chain.stores["S001"]
    )
    day = timezone.localdate()
    chain.sale(till, lines=[("A1", "1", "10.00", "1.74")], day=day, location=chain.stores["S001"])
    chain.sale(chain.web, lines=[("A1", "1", "10.00", "1.74")], day=day, method="delivery", origin="history")
    # when
    read_events()
    # then
    assert not Attribution.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_orders(chain, django_assert_num_queries):
    # given
    chain.publish()
    live_in(chain, JAN, "S003")
    orders = [chain.order(lines=LINES, collect=code, customer=JAN) for code in ("S001", "S002", "S003", "S009")]
    # when / then
    with django_assert_num_queries(5):
        assert attribute_orders([orders[0].number]) == 1
    with django_assert_num_queries(5):
        assert attribute_orders([order.number for order in orders[1:]]) == 3


def test_the_candidates_name_the_owners(chain):
    # given
    chain.publish()
    # when
    attribution = decided(chain.order(lines=[("A1", "1", "10.00")], collect="S001", referral="S003"))
    # then
    assert {c["kind"]: c["legal_entity"] for c in attribution.candidates} == {
        "collect": "ANNA",
        "referral": "BRAM",
        "home": None,
        "residual": "OWN",
    }
