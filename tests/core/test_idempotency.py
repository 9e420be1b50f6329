"""A write that is repeated happens once: in turn, at the same moment, and after a refusal."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.core.errors import Conflict
from apps.core.idempotency.service import Answer, OtherBody, fingerprint_of, forget_older_than, once
from apps.core.models import IdempotencyKey

pytestmark = pytest.mark.django_db(transaction=True)


def ask(perform, *, key="k", body="b"):
    return once(client="client:1", path="/p/", key=key, fingerprint=fingerprint_of(body), perform=perform)


def test_twins_at_the_same_moment_have_one_effect():
    # given: both begin before either commits
    start = threading.Barrier(2)
    effects = []

    def work(n):
        def perform():
            effects.append(n)
            return Answer(201, {"by": n})

        try:
            start.wait(timeout=20)
            return ask(perform)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(work, range(2)), key=lambda a: a.replayed)
    assert len(effects) == 1
    assert (first.replayed, second.replayed) == (False, True)
    assert first.body == second.body == {"by": effects[0]}


def test_a_refusal_is_judged_afresh():
    # given
    def refuse():
        raise Conflict("not now")

    with pytest.raises(Conflict):
        ask(refuse)
    answered = ask(lambda: Answer(409, {"no": True}))
    # then
    assert answered.status == 409
    assert not IdempotencyKey.objects.exists()
    assert ask(lambda: Answer(200, {"yes": True})).body == {"yes": True}


def test_another_body_under_the_same_key():
    ask(lambda: Answer(200, {}))
    with pytest.raises(OtherBody):
        ask(lambda: Answer(200, {}), body="other")


def test_the_order_of_keys_in_a_document_does_not_matter():
    assert fingerprint_of({"a": 1, "b": [1, 2]}) == fingerprint_of({"b": [1, 2], "a": 1})
    assert fingerprint_of({"b": [2, 1]}) != fingerprint_of({"b": [1, 2]})


def test_old_keys_are_forgotten():
    ask(lambda: Answer(200, {}))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_idempotencykey SET created_at = now() - interval '8 days'")
    assert forget_older_than(7) == 1
