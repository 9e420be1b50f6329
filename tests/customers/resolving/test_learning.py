"""The model that is shipped."""

import numpy as np
import pytest

from apps.customers.matching.comparing import fields_for
from apps.customers.matching.model import VERSION, Model
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
