"""People's own settings in the register of personal data."""

from apps.core.privacy.register import BY_WORDS, About, Erase, Personal, declare
from apps.portal.models import Import, ImportMemory, ImportRow, ListSettings, SavedView, Visit, WorkTime

declare(
    SavedView,
    # What somebody filtered by may be a name.
    personal={
        "name": Personal("name of a saved view", about=About.STAFF),
        "query": Personal("filters of a saved view", about=About.STAFF),
        "slug": Personal("address of a saved view, made of its name", about=About.STAFF),
    },
    impersonal={"page", "columns", "role"},
)
declare(ListSettings, impersonal={"page", "columns", "start"})

_UPLOADED = Personal("row of a file somebody loaded, kept for a week", erase=Erase.EXPIRES, export=False)
declare(
    Import,
    personal={
        "file": Personal("file somebody loaded, kept for a week", erase=Erase.EXPIRES, export=False),
        "file_name": Personal("its name", about=About.STAFF, erase=Erase.EXPIRES, export=False),
        "header": _UPLOADED,
        "mapping": _UPLOADED,
    },
    impersonal={"kind", "reading", "options", "state", "counts", "marks", "link"},
    subject=BY_WORDS,
)
declare(
    ImportRow,
    personal={"key": _UPLOADED, "differences": _UPLOADED, "problems": _UPLOADED, "cells": _UPLOADED},
    impersonal={"outcome", "mark"},
    subject=BY_WORDS,
    is_of_one=True,
)
declare(ImportMemory, impersonal={"kind", "mapping"})
# Where somebody was is about them; of a customer it holds no more than the key.
declare(Visit, personal={"address": Personal("object that somebody looked at", about=About.STAFF)})
declare(WorkTime, impersonal={"kind"})
