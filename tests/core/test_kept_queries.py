"""What a query gives that was compiled once is what its queryset gives."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from apps.core.models import InboxDocument
from apps.core.statements import KeptQuery
from apps.network.models import LegalEntity, Location, Ownership
from tests.portal.conftest import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def stores(db: None) -> None:
    for number in (1, 2):
        owner = LegalEntity.objects.create(code=f"F0{number}", name=f"Franchisee {number}", kind="franchisee")
        make_store(f"S00{number}", owner)


def test_objects_come_with_what_is_selected_along_and_worked_out(stores: None, django_assert_num_queries: Any) -> None:
    # given
    def owned(codes: Any) -> QuerySet[Any]:
        rows = Ownership.objects.filter(location__code__in=codes).select_related("legal_entity", "location")
        return rows.annotate(code=F("location__code")).order_by("code")

    kept = KeptQuery(lambda asked: owned(asked["codes"]))
    for codes in (["S001"], ["S002", "S001"], ["S002"], []):
        plain = [(row, row.code, row.valid, row.legal_entity.name, row.location.name) for row in owned(codes)]
        # when
        with django_assert_num_queries(1 if codes else 0):
            read = kept.read(codes=codes)
            told = [(row, row.code, row.valid, row.legal_entity.name, row.location.name) for row in read]
        # then
        assert told == plain
        assert len(told) == len(codes)


def test_values_are_of_the_fields_types_and_what_is_left_out_is_read_later() -> None:
    # given
    document = InboxDocument.objects.create(source="tills", external_id="1", body={"sku": ["A"]})
    kept = KeptQuery(lambda asked: InboxDocument.objects.filter(pk=asked["pk"]).only("body"))
    # when
    [read] = kept.read(pk=document.pk)
    # then
    assert read.body == {"sku": ["A"]}
    assert read.get_deferred_fields() >= {"source", "external_id"}
    assert read.source == "tills"


def test_parts_are_read_along(stores: None, django_assert_num_queries: Any) -> None:
    kept = KeptQuery(lambda asked: Location.objects.filter(code=asked["code"]).prefetch_related("ownerships"))
    for code in ("S001", "S002"):
        with django_assert_num_queries(2):
            [read] = kept.read(code=code)
            assert [ownership.location_id for ownership in read.ownerships.all()] == [read.pk]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection() -> None:
    # given
    kept = KeptQuery(lambda asked: Location.objects.filter(pk=asked["pk"]).values_list("pk"))
    kept.read(pk=1)

    def elsewhere(_n: int) -> int:
        try:
            kept.read(pk=1)
            return int(connection.connection.info.backend_pid)
        finally:
            connection.close()

    # when
    with ThreadPoolExecutor(1) as pool:
        [other] = pool.map(elsewhere, [0])
    # then
    assert connection.connection is not None
    assert other != connection.connection.info.backend_pid
