"""Making a segment, with and without scripts; and what each role is told of it."""

import re

import pytest

from apps.core.jobs.models import Job
from apps.customers.models import Segment
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.services.counting import count_now, count_segment
from apps.customers.segments.services.saving import make_segment
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from tests.orders.counter import text_of
from tests.staff import browser, person

SWAP = {"HX-Request": "true"}
ONLINE = Definition((Group((Condition("orders.number", "at_least", "1", channel="@online"),)),))


def filled(**more) -> dict:
    """One group with one condition, as the form sends it."""
    return {
        "name": "Online",
        "roles": ["store_manager"],
        "group": ["g0"],
        "condition": ["g0c0:orders.number"],
        "g0c0-operator": "at_least",
        "g0c0-value": "1",
        "g0c0-period": "365",
        "g0c0-channel": "@online",
    } | more


@pytest.mark.django_db
def test_conditions_are_added_and_taken_out_by_buttons_alone(town, office):
    client = browser(office)
    # when a condition is added, what was typed stays
    page = text_of(
        client.post("/segments/new/", {"name": "Rich", "group": ["g0"], "act": "add:0", "add-0": "orders.spent"})
    )
    assert 'value="Rich"' in page
    assert 'value="g0c0:orders.spent"' in page
    assert "This field is required" not in page
    # and taken out again
    data = filled(act="remove:g0c0")
    assert "No condition yet" in text_of(client.post("/segments/new/", data))
    # a second group asks how the two go together; one of two can be taken out
    page = text_of(client.post("/segments/new/", filled(act="add-group")))
    assert "Of the groups below" in page
    two = filled(act="remove-group:0", group=["g0", "g1"], condition=["g0c0:orders.number", "g1c0:loyalty.card"])
    page = text_of(client.post("/segments/new/", two))
    assert "orders.number:" not in page
    assert 'value="g0c0:loyalty.card"' in page
    # a swap is the builder alone
    part = text_of(client.post("/segments/new/", filled(act="add:0", **{"add-0": "loyalty.card"}), headers=SWAP))
    assert part.lstrip().startswith("<form")
    assert not Segment.objects.exists()


@pytest.mark.django_db
def test_the_number_is_told_while_it_is_made(town, office):
    town.order("jan")
    client = browser(office)
    part = text_of(client.post("/segments/new/", filled(act="count"), headers=SWAP))
    assert "1 customer now" in part
    assert "<form" not in part
    unfinished = filled(act="count", **{"g0c0-value": ""})
    assert "Fill in every condition" in text_of(client.post("/segments/new/", unfinished, headers=SWAP))
    assert "1 customer now" in text_of(client.post("/segments/new/", filled(act="count")))


@pytest.mark.django_db
def test_a_segment_is_saved_counted_and_changed(town, office):
    client = browser(office)
    # when
    answer = client.post("/segments/new/", filled(act="save"))
    segment = Segment.objects.get()
    # then
    assert answer["Location"] == segment.get_absolute_url()
    assert segment.definition.groups[0].conditions[0] == Condition(
        "orders.number", "at_least", "1", period="365", channel="@online"
    )
    assert Job.objects.get().kind == "segments.count"
    page = text_of(client.get(segment.get_absolute_url()))
    assert "ordered at least 1×, in the last 12 months, online" in page
    # changing it begins with what it is
    page = text_of(client.get(f"{segment.get_absolute_url()}change/"))
    assert 'value="g0c0:orders.number"' in page
    changed = filled(act="save", **{"g0c0-value": "2"})
    client.post(f"{segment.get_absolute_url()}change/", changed)
    segment.refresh_from_db()
    assert (segment.version, segment.definition.groups[0].conditions[0].value) == (2, "2")


@pytest.mark.django_db
def test_what_is_wrong_stands_at_its_place(town, office):
    client = browser(office)
    answer = client.post("/segments/new/", filled(act="save", **{"g0c0-value": "-1"}))
    assert answer.status_code == 422
    codes = filled(act="save", condition=["g0c0:orders.product"], **{"g0c0-operator": "is", "g0c0-values": "P-A, P-X"})
    answer = client.post("/segments/new/", codes)
    assert answer.status_code == 400
    assert "P-X does not exist." in text_of(answer)
    assert 'value="P-A, P-X"' in text_of(answer)
    assert client.post("/segments/new/", {"name": "Empty", "group": ["g0"], "act": "save"}).status_code == 400
    assert not Segment.objects.exists()


@pytest.mark.django_db
def test_a_store_sees_how_many_of_its_own_and_never_a_small_number(town, office):
    # given
    segment = make_segment(name="Online", definition=ONLINE, roles=["store_manager"], principal=office)
    town.order("jan")
    town.order("iris")
    count_segment(segment=segment)
    manager = browser(person("Daan de Ruiter", "store_manager", location=town.shop.s1))
    # then
    page = text_of(manager.get(segment.get_absolute_url()))
    assert "fewer than 10" in page
    assert "Of those whose home store is yours" in page
    assert "Export" not in page
    listed = b"".join(manager.get("/segments/?part=export&format=csv").streaming_content).decode()
    assert "Online" in listed
    assert listed.splitlines()[1] == "Online;Hanna Vos"
    assert ">2<" in text_of(browser(office).get(segment.get_absolute_url()))


@pytest.mark.django_db
def test_a_customer_by_whom_two_numbers_differ_is_not_told_apart_by_a_store(town, office):
    # given: eighteen neighbours who never bought, and Jan and Bob
    recognise(
        [
            Person(
                source="web",
                external_id=f"n{n}",
                loyalty_card=f"29{n:012d}",
                postcode="3511AB",
                house_number=str(n),
                home_location_id=town.shop.s1.pk,
            )
            for n in range(1, 19)
        ],
        actor="system",
    )
    town.order("jan")
    never = Definition((Group((Condition("orders.number", "exactly", "0"),)),))
    segment = make_segment(name="Bought nothing", definition=never, roles=["store_manager"], principal=office)
    manager = person("Daan de Ruiter", "store_manager", location=town.shop.s1)

    def shown() -> list[str]:
        page = text_of(browser(manager).get(segment.get_absolute_url()))
        return re.findall(r'class="value num">([^<]+)<', page)

    assert (count_now(definition=never, principal=manager), shown()) == (19, ["10"])

    # when Bob buys, and whoever served him looks again
    town.order("bob")

    # then
    assert (count_now(definition=never, principal=manager), shown()) == (18, ["10"])
