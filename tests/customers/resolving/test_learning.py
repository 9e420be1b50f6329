"""The model that is shipped, and what happens to one that the engine cannot read any more."""

import json

import numpy as np
import pytest

from apps.customers.matching import AUTO, CLERICAL
from apps.customers.matching.fields import fields_for
from apps.customers.matching.model import VERSION, Model
from apps.customers.models import MatchingModel
from apps.customers.resolving import learning
from benchmarks.shipped_model import learned


def test_the_shipped_model_is_what_this_engine_learns():
    shipped, now = Model.from_json(learning.SHIPPED.read_text()), learned()

    assert f'"version": {VERSION},' in learning.SHIPPED.read_text()
    assert (shipped.records, shipped.caps, shipped.reading) == (now.records, now.caps, now.reading)
    assert (shipped.same, shipped.house) == pytest.approx((now.same, now.house), rel=0.01)
    for field in fields_for(()):
        for kind in ("same", "house", "other"):
            kept, anew = (getattr(model.fields[field.name], kind) for model in (shipped, now))
            assert len(kept) == len(field.codes)
            assert np.allclose(kept, anew, atol=1e-3), (field.name, kind)


@pytest.fixture
def read_anew():
    learning.forget()
    yield
    learning.forget()


def test_a_model_of_another_version_gives_way_to_the_shipped_one(db, read_anew):
    # given
    engine = json.loads(learning.shipped_model().as_json())
    old = MatchingModel.objects.create(
        version="m1",
        origin="learned",
        engine=engine | {"version": VERSION - 1},
        records=20_000,
        same_from=AUTO,
        clerk_from=CLERICAL,
    )

    # when
    now = learning.in_force()

    # then
    assert now.id != old.pk
    assert now.version == "m2"
    assert now.engine is learning.shipped_model()
    [row] = MatchingModel.objects.filter(ended_at=None)
    assert (row.pk, row.origin) == (now.id, "shipped")
    learning.forget()
    assert learning.in_force().id == now.id
    assert MatchingModel.objects.count() == 2
