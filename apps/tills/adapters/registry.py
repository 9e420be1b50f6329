"""Which adapters there are, by the name that commands and inbox sources know them by."""

from collections.abc import Callable

from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.documents import Adapter

ADAPTERS: dict[str, Callable[[], Adapter]] = {OnlineRetail.name: OnlineRetail}


def columns_of(source: str) -> tuple[str, ...]:
    """The columns of a source's files; none for a source that sends no tables. A source is `adapter/channel`."""
    adapter = ADAPTERS.get(source.partition("/")[0])
    return adapter().columns if adapter else ()
