from collections.abc import Callable

import pytest

from apps.network.models import Location


@pytest.fixture
def make_location() -> Callable[..., Location]:
    def make(code: str, **fields: object) -> Location:
        return Location.objects.create(
            **{"code": code, "name": f"Winkel {code}", "postcode": "2011AB", "city": "Haarlem", **fields}
        )

    return make
