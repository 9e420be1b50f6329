"""What a flash message offers beyond its words: undoing what it tells of."""

import json
from typing import Any

from django.contrib.messages.storage.base import Message


def undo_by(address: str, fields: dict[str, str]) -> str:
    """The tag of a message whose button posts `fields` to `address` to undo the act."""
    return json.dumps({"undo": address, "fields": fields})


def undo_of(message: Message) -> dict[str, Any] | None:
    """What a message's undo button posts, if it has one."""
    tags = message.extra_tags or ""
    return json.loads(tags) if tags.startswith('{"undo"') else None
