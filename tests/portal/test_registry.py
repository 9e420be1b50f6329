import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured

from apps.portal.access import SIGNED_IN, may
from apps.portal.contributions import TimelineEntry
from apps.portal.registry import Registry, Section, contributed
from apps.portal.timeline import read_timeline


def at(hour: int, key: str = "a") -> TimelineEntry:
    moment = dt.datetime(2026, 11, 21, hour, tzinfo=dt.UTC)
    return TimelineEntry(at=moment, key=key, kind="order", icon="shopping-bag", title=f"{hour}{key}")


def lies_in(cut, moment):
    if cut.after is not None:
        return moment > cut.after
    return cut.before is None or moment < cut.before or (cut.including and moment == cut.before)


def source_of(*entries: TimelineEntry):
    """A timeline source over fixed entries, as an app would read them from its tables."""

    def read(principal, source_record_ids, limit, cut):
        chosen = [e for e in entries if lies_in(cut, e.moment)]
        return sorted(chosen, key=lambda e: e.moment, reverse=cut.after is None)[:limit]

    return read


def test_the_same_name_twice_raises(chain):
    registry = Registry()
    registry.navigation(Section.SALES, "Orders", "orders:list", "shopping-bag", "orders.view", order=10)
    registry.panel("customers.customer", "returns", "Returns", "returns:of-customer", "returns.view", order=10)
    registry.search("order", "Orders", lambda *a: [], "orders.view", icon="shopping-bag", order=10)
    registry.scan("order", "Order", lambda scanned: None, "scan.use", icon="x", order=10)
    registry.timeline("orders", source_of(), "orders.view")
    registry.today("late", lambda principal: None, "orders.view", order=10)
    registry.work(contributed.work_for(chain.associate)[0])

    again = [
        lambda: registry.navigation(Section.CHAIN, "Again", "orders:list", "x", "orders.view", order=20),
        lambda: registry.panel("customers.customer", "returns", "Again", "x", "returns.view", order=20),
        lambda: registry.search("order", "Again", lambda *a: [], "orders.view", icon="x", order=20),
        lambda: registry.scan("order", "Order", lambda scanned: None, "scan.use", icon="x", order=20),
        lambda: registry.timeline("orders", source_of(), "orders.view"),
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
    # given two apps that know something, and one the person may not see
    registry = Registry()
    registry.timeline("orders", source_of(at(9), at(12), at(15)), "orders.view")
    registry.timeline("service", source_of(at(14), at(15, "b"), at(8)), "service.view")
    registry.timeline("payments", source_of(at(13)), "payments.view")

    # when it is read in pages of two
    pages, before = [], None
    while True:
        page = read_timeline(
            principal=chain.associate, source_record_ids=[1], limit=2, before=before, registry=registry
        )
        pages.append([entry.title for entry in page.entries])
        before = page.before
        if before is None:
            break

    # then nothing is doubled, skipped or shown unasked
    assert pages == [["15b", "15a"], ["14a", "12a"], ["9a", "8a"]]


def test_a_timeline_of_one_source_goes_on_where_its_page_ends(chain):
    registry = Registry()
    registry.timeline("orders", source_of(at(9), at(12), at(15)), "orders.view")
    newest = read_timeline(principal=chain.associate, source_record_ids=[1], limit=2, registry=registry)
    oldest = read_timeline(
        principal=chain.associate, source_record_ids=[1], limit=2, before=newest.before, registry=registry
    )
    assert [[e.title for e in page.entries] for page in (newest, oldest)] == [["15a", "12a"], ["9a"]]
    assert oldest.before is None


def test_timeline_days_are_local_days(chain):
    registry = Registry()
    late = TimelineEntry(
        at=dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC), key="a", kind="order", icon="x", title="after midnight"
    )
    registry.timeline("orders", source_of(late), "orders.view")
    page = read_timeline(principal=chain.associate, source_record_ids=[1], registry=registry)
    assert [day for day, _entries in page.days] == [dt.date(2026, 11, 21)]
