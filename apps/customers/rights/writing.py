"""The answer to who asks for their data, as a file: JSON for a program, PDF to read. It is made as it is downloaded."""

import datetime as dt
import json
from typing import Any

from apps.customers.rights.telling import Answer


def as_json(answer: Answer) -> bytes:
    """Every chapter with its rows, under names that do not change; moments in UTC."""
    document = {
        "format": "toonbank.personal-data/1",
        "about": answer.name,
        "language": answer.language,
        "made_at": answer.made_at,
        "chapters": [
            {
                "name": chapter.name,
                "title": chapter.title,
                "purpose": chapter.purpose,
                "basis": chapter.basis,
                "kept": chapter.kept,
                "rows": chapter.rows,
            }
            for chapter in answer.chapters
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=_spelled).encode()


def _spelled(value: Any) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value.isoformat()


def as_pdf(answer: Answer) -> bytes:
    """The answer to read."""
    from apps.customers.rights import paper  # takes a second to load, which no process that draws none need wait for

    return paper.draw(answer)
