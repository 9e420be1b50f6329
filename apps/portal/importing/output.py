"""Files we write: the template to fill in, and the rows that were refused, each with what is wrong with it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.portal.importing.kinds import ImportKind
from apps.portal.importing.models import Import, ImportRow


def template_rows(kind: ImportKind) -> Iterator[list[str]]:
    """The header and one example."""
    yield [str(column.label) for column in kind.columns]
    yield [column.example for column in kind.columns]


def rejected_rows(upload: Import) -> Iterator[list[str]]:
    """The rows that are wrong as they came, under their own header, with what is wrong and how to mend it."""
    width = len(upload.header)
    yield [*upload.header, _("Row"), _("What is wrong"), _("How to mend it")]
    for row in upload.rows.filter(outcome=ImportRow.Outcome.ERROR).order_by("number").iterator(chunk_size=1000):
        row.upload = upload
        problems = row.problems_in_words()
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        reasons = " ".join(f"{p['column']}: {p['reason']}" if p["column"] else p["reason"] for p in problems)
        yield [*cells, str(row.number), reasons, " ".join(dict.fromkeys(p["mend"] for p in problems))]
