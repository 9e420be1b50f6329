import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured

from apps.core.reach import reach_of
from apps.portal.access import SIGNED_IN, may
from apps.portal.contributions import TimelineEntry, TimelineReader
from apps.portal.models import Visit
from apps.portal.registry import Registry, Section, contributed
from apps.portal.timeline import read_timeline


class Seen(TimelineReader[Visit]):
    """A timeline source over visits of pages: those whose address begins with its prefix."""

    model, at, key, owner = Visit, "seen_at", "address", "user"

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def rows(self, principal, through):
        return Visit.objects.filter(address__startswith=f"/{self.prefix}")

    def entries(self, rows):
        for visit in rows:
            yield TimelineEntry(at=visit.seen_at, key=self.key_of(visit), kind="x", icon="x", title=visit.address)


def seen(user, hour: int, address: str, *, day: int = 21, minute: int = 0) -> None:
    at = dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC)
    Visit.objects.create(user=user, address=address, seen_at=at)


def test_the_same_name_twice_raises(chain):
    registry = Registry()
    registry.navigation(Section.SALES, "Orders", "orders:list", "shopping-bag", "orders.view", order=10)
    registry.panel("customers.customer", "returns", "Returns", "returns:of-customer", "returns.view", order=10)
    registry.search("order", "Orders", lambda *a: [], "orders.view", icon="shopping-bag", order=10)
    registry.scan("order", "Order", lambda scanned: None, "scan.use", icon="x", order=10)
    registry.timeline("orders", Seen("a"), "orders.view")
    registry.today("late", lambda principal: None, "orders.view", order=10)
    registry.work(contributed.work_for(chain.associate)[0])

    again = [
        lambda: registry.navigation(Section.CHAIN, "Again", "orders:list", "x", "orders.view", order=20),
        lambda: registry.panel("customers.customer", "returns", "Again", "x", "returns.view", order=20),
        lambda: registry.search("order", "Again", lambda *a: [], "orders.view", icon="x", order=20),
        lambda: registry.scan("order", "Order", lambda scanned: None, "scan.use", icon="x", order=20),
        lambda: registry.timeline("orders", Seen("a"), "orders.view"),
        lambda: registry.today("late", lambda principal: None, "orders.view", order=20),
        lambda: registry.work(contributed.work_for(chain.associate)[0]),
    ]
    for contribute in again:
        with pytest.raises(ImproperlyConfigured, match="twice"):
            contribute()


def test_a_panel_name_is_taken_per_page():
    registry = Registry()
    registry.panel("customers.customer", "returns", "Returns", "a", "returns.view", order=10)
    registry.panel("orders.order", "returns", "Returns", "b", "returns.view", order=10)


def test_contributions_come_in_order_and_only_where_permitted(chain):
    registry = Registry()
    registry.navigation(Section.SALES, "Payments", "payments:list", "credit-card", "payments.view", order=30)
    registry.navigation(Section.SALES, "Orders", "orders:list", "shopping-bag", "orders.view", order=10)
    registry.navigation(Section.START, "Today", "portal:today", "house", SIGNED_IN, order=20)

    routes = [entry.route for entry in registry.navigation_for(chain.head_office)]
    assert routes == ["orders:list", "portal:today", "payments:list"]
    assert [entry.route for entry in registry.navigation_for(chain.associate)] == ["orders:list", "portal:today"]


def test_who_has_not_signed_in_may_nothing(chain):
    assert may(chain.associate, SIGNED_IN)
    assert not may(AnonymousUser(), SIGNED_IN)
    assert not may(AnonymousUser(), "orders.view")


def test_a_timeline_merges_its_sources_newest_first(chain):
    # given two apps that know something, and one the person may not see; and somebody else
    registry, one = Registry(), chain.associate
    registry.timeline("orders", Seen("a"), "orders.view")
    registry.timeline("service", Seen("b"), "service.view")
    registry.timeline("payments", Seen("c"), "payments.view")
    for hour in (9, 12, 15):
        seen(one, hour, f"/a{hour}")
    for hour in (14, 15, 8):
        seen(one, hour, f"/b{hour}")
    seen(one, 13, "/c13")
    seen(chain.finance, 13, "/a13")

    # when it is read in pages of two
    pages, before = [], None
    while True:
        page = read_timeline(principal=one, source_record_ids=[one.pk], limit=2, before=before, registry=registry)
        pages.append([entry.title for entry in page.entries])
        before = page.before
        if before is None:
            break

    # then nothing is doubled, skipped or shown unasked
    assert pages == [["/b15", "/a15"], ["/b14", "/a12"], ["/a9", "/b8"]]


def test_a_timeline_of_one_source_goes_on_where_its_page_ends(chain):
    registry, one = Registry(), chain.associate
    registry.timeline("orders", Seen("a"), "orders.view")
    for hour in (9, 12, 15):
        seen(one, hour, f"/a{hour}")
    newest = read_timeline(principal=one, source_record_ids=[one.pk], limit=2, registry=registry)
    oldest = read_timeline(principal=one, source_record_ids=[one.pk], limit=2, before=newest.before, registry=registry)
    assert [[e.title for e in page.entries] for page in (newest, oldest)] == [["/a15", "/a12"], ["/a9"]]
    assert oldest.before is None


def test_a_timeline_is_of_several_owners_and_of_none(chain):
    registry, one, other = Registry(), chain.associate, chain.finance
    registry.timeline("orders", Seen("a"), "orders.view")
    for hour in (9, 15):
        seen(one, hour, f"/a{hour}")
    seen(other, 12, "/a12")

    def titles(*owners):
        return [
            entry.title for entry in read_timeline(principal=one, source_record_ids=owners, registry=registry).entries
        ]

    assert titles(one.pk, other.pk) == ["/a15", "/a12", "/a9"]
    assert titles() == []


def test_only_the_sources_of_what_is_shown_are_read(chain, django_assert_num_queries):
    registry, one = Registry(), chain.associate
    for name in "abcdefgh":
        registry.timeline(name, Seen(name), SIGNED_IN)
    seen(one, 9, "/a9")
    seen(one, 10, "/c10")
    one.refresh_from_db()
    reach_of(one)
    with django_assert_num_queries(3):  # what lies where, and the two that have anything
        page = read_timeline(principal=one, source_record_ids=[one.pk], registry=registry)
    assert [entry.title for entry in page.entries] == ["/c10", "/a9"]


def test_timeline_days_are_local_days(chain):
    registry, one = Registry(), chain.associate
    seen(one, 23, "/after-midnight", day=20, minute=30)
    registry.timeline("orders", Seen("a"), "orders.view")
    page = read_timeline(principal=one, source_record_ids=[one.pk], registry=registry)
    assert [day for day, _entries in page.days] == [dt.date(2026, 11, 21)]
