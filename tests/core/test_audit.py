"""The audit trail: no way of writing goes past it, and it says who, through what, in which request."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.acting import Act, Source, acting, because, current_act
from apps.core.audit.models import Change
from apps.core.audit.trail import trail_of
from apps.core.events.log import Happened, record
from apps.core.events.models import Event
from apps.network.models import Location, Ownership
from tests.portal.conftest import chain, make_store

__all__ = ["chain"]


def of(code: str) -> list[Change]:
    return list(Change.objects.filter(object_type="location", object_key=code).order_by("id"))


def by(person, **more) -> Act:
    return Act(Source.PAGE, lambda: person, request="r-1", **more)


def test_a_change_is_written_down_with_before_and_after(chain):
    with acting(by(chain.head_office, reason="The shop moved")):
        Location.objects.filter(code="S001").update(city="Heemstede", offers_collect=False)
    [change] = of("S001")
    assert change.kind == "update"
    assert change.fields == {"city": ["Haarlem", "Heemstede"], "offers_collect": [True, False]}
    assert (change.actor, change.source) == (f"user:{chain.head_office.pk}", "page")
    assert (change.request_id, change.reason) == ("r-1", "The shop moved")


@pytest.mark.parametrize(
    "write",
    [
        lambda: Location.objects.get(code="S001").save(),
        lambda: Location.objects.filter(code="S001").update(city="Haarlem"),
    ],
)
def test_what_stays_the_same_is_no_change(chain, write):
    write()
    assert of("S001") == []


def test_no_way_of_writing_goes_past_it(chain):
    store = Location.objects.get(code="S001")
    store.name = "One"
    store.save()
    store.name = "Two"
    Location.objects.bulk_update([store], ["name"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE network_location SET name = 'Three' WHERE code = 'S001'")
        cursor.execute(
            "WITH x AS (UPDATE network_location SET name = 'Four' WHERE code = 'S001' RETURNING 1) SELECT * FROM x"
        )
    assert [change.fields["name"][1] for change in of("S001")] == ["One", "Two", "Three", "Four"]


def test_parts_belong_to_the_thing_they_are_part_of(chain):
    with acting(by(chain.head_office)):
        ownership = Ownership.objects.get(location=chain.haarlem)
        ownership.legal_entity = chain.franchisee
        ownership.save()
    [change] = of("S001")
    assert change.table == "network_ownership"
    assert change.fields == {"legal_entity_id": [chain.own.pk, chain.franchisee.pk]}


def test_a_beginning_is_no_change_but_an_addition_by_somebody_is(chain):
    assert not Change.objects.filter(kind="insert").exists()
    with acting(by(chain.head_office)):
        make_store("S100", chain.own)
    [added] = of("S100")
    assert (added.kind, added.table) == ("insert", "network_ownership")


def test_passwords_are_not_written_down(chain):
    with acting(by(chain.head_office)):
        chain.associate.set_password("hush")
        chain.associate.name = "Bo de Boer"
        chain.associate.save()
    change = Change.objects.get(object_type="user")
    assert change.fields == {"name": ["Bo Jansen", "Bo de Boer"]}


def test_one_act_does_not_answer_for_the_next(chain):
    with acting(by(chain.head_office)):
        Location.objects.filter(code="S001").update(name="One")
    Location.objects.filter(code="S001").update(name="Two")
    assert [(change.actor, change.source) for change in of("S001")] == [
        (f"user:{chain.head_office.pk}", "page"),
        ("system", "system"),
    ]


def test_an_act_survives_a_rollback_inside_it(chain):
    with acting(by(chain.head_office)):
        with transaction.atomic():
            Location.objects.filter(code="S001").update(name="Undone")
            transaction.set_rollback(True)
        Location.objects.filter(code="S001").update(name="One")
    [change] = of("S001")
    assert (change.actor, change.fields["name"][1]) == (f"user:{chain.head_office.pk}", "One")


def test_the_trail_cannot_be_rewritten(chain):
    Location.objects.filter(code="S001").update(name="One")
    for rewrite in (Change.objects.all().delete, lambda: Change.objects.update(actor="user:1")):
        with pytest.raises(ProgrammingError), transaction.atomic():
            rewrite()
    assert len(of("S001")) == 1


def test_tables_without_audit_pay_nothing(chain):
    with CaptureQueriesContext(connection) as captured:
        Location.objects.filter(code="S001").update(name="One")
        list(Location.objects.all())
    assert len(captured) == 2  # telling who acts goes beside Django's own cursor, and only before a write
    assert current_act().source == Source.SYSTEM


# --- why ---------------------------------------------------------------------------------------------------------------


def tell(code: str) -> None:
    record(Happened("stock.changed", "location", code, timezone.now(), {}))


def test_the_trail_tells_an_event_with_its_reason(chain):
    with acting(by(chain.head_office)), because("Wet shelves"):
        tell("S001")
        Location.objects.filter(code="S001").update(city="Heemstede")
    with acting(by(chain.head_office)):
        tell("S001")
    told = [(entry.topic, entry.reason) for entry in trail_of("location", "S001", limit=10)]
    assert told == [("stock.changed", ""), ("", "Wet shelves"), ("stock.changed", "Wet shelves")]
    assert Change.objects.filter(kind="reason").count() == 1
    # the event itself holds nothing that people write
    assert "Wet shelves" not in str(list(Event.objects.values()))


def test_an_act_without_a_reason_costs_no_statement(chain):
    with acting(by(chain.head_office)), CaptureQueriesContext(connection) as captured, transaction.atomic():
        tell("S001")
    assert not [q for q in captured if "core_change" in q["sql"]]


def test_many_things_of_one_act_have_the_same_reason_each_their_own(chain):
    with acting(by(chain.head_office)), because("Flood"):
        record(*(Happened("stock.changed", "location", code, timezone.now(), {}) for code in ("S001", "S002", "S001")))
    assert [c.object_key for c in Change.objects.filter(kind="reason").order_by("id")] == ["S001", "S002"]
    assert {entry.reason for entry in trail_of("location", "S002", limit=9)} == {"Flood"}


def test_older_pages_of_a_trail_keep_their_reasons(chain):
    for number in range(5):
        with acting(by(chain.head_office)), because(f"Reason {number}"):
            tell("S001")
    newest = trail_of("location", "S001", limit=2)
    older = trail_of("location", "S001", limit=9, before=newest[-1].at)
    assert [entry.reason for entry in [*newest, *older]] == [f"Reason {n}" for n in (4, 3, 2, 1, 0)]
