"""Keys made in Python, so that a row can be referred to before it is written."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unique, and sorted by the time it was made."""
    return uuid7()
