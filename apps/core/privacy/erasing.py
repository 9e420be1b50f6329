"""Erasing a person from every table that the register names, in one transaction and by one mechanism.

A column that a key leads to is blanked where the row stays (orders, payments and ledgers hold no words at all); what only
words lead to is searched for what is theirs alone, and cleared of everything about them.
"""

import codecs
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.db import models, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.core.privacy.register import BY_WORDS, About, Erase, Personal, is_of_one, personal_fields, subjects_of
from apps.core.privacy.words import Crowd, PersonWords, Who

Model = type[models.Model]

KEPT = {Erase.KEEP, Erase.NAMELESS}
_MARK = re.compile(r"<[^<>]*>")


def rows_about(model: Model, source_record_ids: Collection[int]) -> QuerySet[Any]:
    """The rows of a declared model that a key leads from to these source records."""
    about = Q()
    for path in subjects_of(model):
        about |= Q(**{f"{path}__in": list(source_record_ids)})
    return model._default_manager.filter(about).distinct() if about else model._default_manager.none()


def tables_by_key() -> Iterator[tuple[Model, Mapping[str, Personal]]]:
    """The tables about customers whose rows a key leads to, with their personal columns."""
    for model, fields in personal_fields(about=About.CUSTOMER).items():
        if subjects_of(model) != BY_WORDS:
            yield model, fields


def erase_by_key(source_record_ids: Collection[int], words: PersonWords) -> Counter[str]:
    """Blank what a key leads to, and take these words out of what is kept as a proof; return how many rows of each table.
    Inside `redacting()`."""
    done: Counter[str] = Counter()
    for model, fields in tables_by_key():
        rows = rows_about(model, source_record_ids).order_by()
        proofs = [name for name, personal in fields.items() if personal.erase == Erase.NAMELESS]
        if proofs:
            done[model._meta.label] += _wipe(rows, proofs, words)
        blank = {name: blank_value(model, name) for name, personal in fields.items() if personal.erase not in KEPT}
        if blank:
            keys = list(rows.values_list("pk", flat=True))
            done[model._meta.label] += model._default_manager.filter(pk__in=keys).update(**blank)
    return +done


def _wipe(rows: QuerySet[Any], names: Sequence[str], words: PersonWords) -> int:
    changed = 0
    for row in rows.only("pk", *names):
        said = {name: getattr(row, name) for name in names}
        wiped = {name: _fitting(rows.model, name, words.proof_without(text)) for name, text in said.items()}
        if wiped != said:
            changed += rows.model._default_manager.filter(pk=row.pk).update(**wiped)
    return changed


@dataclass(frozen=True)
class Mentions:
    """In which rows somebody was found by these words, in the tables that no key leads to. What came in after the `newest`
    row of a table was not looked at."""

    words: PersonWords
    newest: Mapping[Model, Any]
    rows: dict[Model, set[Any]] = field(default_factory=lambda: defaultdict(set))

    def perhaps(self, model: Model) -> Q:
        """The rows in which they may stand: those they were found in, and those that came in since."""
        newest = self.newest[model]
        return Q() if newest is None else Q(pk__in=self.rows.get(model, ())) | Q(pk__gt=newest)


def mentions_of(people: Mapping[Who, PersonWords]) -> dict[Who, Mentions]:
    """Where many people are named. Every row is read once, however many they are."""
    if not people:
        return {}
    newest = {model: _newest(model) for model, _texts, _files in _tables_by_words()}
    crowd, found = Crowd(people), {who: Mentions(words, newest) for who, words in people.items()}
    for model, texts, files in _tables_by_words():
        with transaction.atomic():  # or all of the table would be copied before its first row is read
            casts = _casts(texts)
            for pk, *told in model._default_manager.annotate(**casts).values_list("pk", *casts).iterator():
                for who in crowd.named_in("\n".join(one for one in told if one)):
                    found[who].rows[model].add(pk)
        for name in files:
            for row in _with_file(model._default_manager.all(), name):
                for who in crowd.named_in(_readable(getattr(row, name))):
                    found[who].rows[model].add(row.pk)
    return found


def _newest(model: Model) -> Any:
    """The key of the row that came in last; None where there is none. Keys are numbered, or made by the clock."""
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first()


def erase_by_words(words: PersonWords, among: Mentions | None = None) -> Counter[str]:
    """Clear the person out of what no key leads to; return how many rows of each table. Inside `redacting()`.

    Only those rows are looked at `among` which they were found, and those that came in since, as long as they were looked for
    by all these words.
    """
    done: Counter[str] = Counter()
    if not words:
        return done
    for model, texts, files in _tables_by_words():
        rows = model._default_manager.all()
        if among is not None and among.words.telling >= words.telling:
            rows = rows.filter(among.perhaps(model))
        done[model._meta.label] += _clear_texts(rows, texts, words)
        for name in files:
            done[model._meta.label] += _drop_files(rows, name, words)
    return +done


def rows_naming(rows: QuerySet[Any], words: PersonWords) -> QuerySet[Any]:
    """Those of the rows of a table that no key leads to which name somebody."""
    casts = _casts(next((texts for model, texts, _ in _tables_by_words() if model is rows.model), ()))
    if not words or not casts:
        return rows.none()
    found = Q()
    for alias in casts:
        found |= Q(**{f"{alias}__iregex": words.pattern})
    naming: QuerySet[Any] = rows.alias(**casts).filter(found)
    return naming


def _tables_by_words() -> Iterator[tuple[Model, Sequence[str], Sequence[str]]]:
    """The tables about customers in which only words lead to a person: their columns with texts, and those with files."""
    for model, fields in personal_fields(about=About.CUSTOMER).items():
        if subjects_of(model) == BY_WORDS:
            files = [name for name in fields if isinstance(model._meta.get_field(name), models.FileField)]
            yield model, [name for name in fields if name not in files], files


def _casts(texts: Iterable[str]) -> dict[str, Cast]:
    return {f"{name}_text": Cast(name, models.TextField()) for name in texts}


def _with_file(rows: QuerySet[Any], name: str) -> Iterator[Any]:
    """The rows whose file is there."""
    for row in rows.exclude(**{name: ""}).only("pk", name):
        file = getattr(row, name)
        if file.storage.exists(file.name):
            yield row


def _clear_texts(rows: QuerySet[Any], names: Sequence[str], words: PersonWords) -> int:
    changed = 0
    without = words.all_erased_from if is_of_one(rows.model) else words.erased_from
    for row in rows_naming(rows, words).only("pk", *names).select_for_update(of=("self",)):
        blank = {name: _fitting(rows.model, name, without(getattr(row, name))) for name in names}
        changed += rows.model._default_manager.filter(pk=row.pk).update(**blank)
    return changed


def _fitting(model: Model, name: str, value: Any) -> Any:
    column = model._meta.get_field(name)
    if isinstance(value, str) and isinstance(column, models.CharField):
        return value[: column.max_length]
    return value


def _drop_files(rows: QuerySet[Any], name: str, words: PersonWords) -> int:
    dropped = 0
    for row in _with_file(rows, name):
        file = getattr(row, name)
        if words.names(_readable(file)):
            file.storage.delete(file.name)
            dropped += rows.model._default_manager.filter(pk=row.pk).update(**{name: ""})
    return dropped


def _readable(file: Any) -> str:
    """The words of a file: of a spreadsheet those of its parts, with the marks in them and without, which may cut a word."""
    with file.open("rb") as opened:
        if not zipfile.is_zipfile(opened):
            opened.seek(0)
            return _decoded(opened.read())
        with zipfile.ZipFile(opened) as parts:
            texts = [_decoded(parts.read(name)) for name in parts.namelist()]
            return "\n".join([*texts, *(unescape(_MARK.sub("", text)) for text in texts)])


def _decoded(content: bytes) -> str:
    """A text in any of the ways that sheets are read in."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        return "\n".join(content.decode(order, errors="replace") for order in ("utf-16-le", "utf-16-be"))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def blank_value(model: Model, name: str) -> Any:
    """Nothing, in the column's own terms; where a value must be the row's alone, one that says nothing."""
    column: Any = model._meta.get_field(name)
    unique = column.unique or any(
        isinstance(rule, models.UniqueConstraint) and name in rule.fields for rule in model._meta.constraints
    )
    if unique:
        return Concat(Value("~"), Cast("pk", models.CharField()))
    if isinstance(column, models.JSONField):
        return None if column.null else {}
    if isinstance(column, models.BinaryField):
        return None if column.null else b""
    return "" if isinstance(column, models.CharField | models.TextField) else None


def still_says(model: Model, names: Collection[str]) -> Q:
    """Rows of which at least one of these columns is not blank yet."""
    says = Q()
    for name in names:
        blank = blank_value(model, name)
        says |= Q(**{f"{name}__isnull": False}) if blank is None else ~Q(**{name: blank})
    return says
