"""Which column of a file is which: guessed from the words of its header, remembered when somebody chose otherwise."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils import translation

from apps.portal.importing.kinds import ImportColumn, ImportKind


def plain_words(text: str) -> str:
    """A header without case, accents and signs, so that "Prijs (€)" and "prijs" are the same."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", bare)


def guess_columns(kind: ImportKind, header: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str]:
    """{column of the kind: header of the file} for those that can be told; `remembered` is what was chosen before."""
    free = {plain_words(text): text for text in reversed(header) if plain_words(text)}
    found: dict[str, str] = {}
    for column in kind.columns:
        before = plain_words(remembered.get(column.name, ""))
        wanted = [before] if before in free else [word for word in _names_of(column) if word in free]
        if wanted:
            found[column.name] = free.pop(wanted[0])
    return found


def _names_of(column: ImportColumn) -> list[str]:
    names = [column.name, *column.aliases]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names.append(str(column.label))
    return [plain_words(name) for name in names]
