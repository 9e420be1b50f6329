"""Erasing a person from every table that the register names, in one transaction and by one mechanism.

A column that a key leads to is blanked where the row stays (orders, payments and ledgers hold no words at all); what only
words lead to is searched for what is theirs alone, and cleared of everything about them.
"""

import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.core.privacy.register import BY_WORDS, About, Erase, Personal, personal_fields, subjects_of
from apps.core.privacy.words import PersonWords

Model = type[models.Model]


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


def erase_by_key(source_record_ids: Collection[int]) -> Counter[str]:
    """Blank what a key leads to; return how many rows of each table. Inside `redacting()`."""
    done: Counter[str] = Counter()
    for model, fields in tables_by_key():
        blank = {name: blank_value(model, name) for name, personal in fields.items() if personal.erase != Erase.KEEP}
        if blank:
            keys = list(rows_about(model, source_record_ids).order_by().values_list("pk", flat=True))
            done[model._meta.label] = model._default_manager.filter(pk__in=keys).update(**blank)
    return +done


def erase_by_words(words: PersonWords) -> Counter[str]:
    """Clear the person out of what no key leads to; return how many rows of each table. Inside `redacting()`."""
    done: Counter[str] = Counter()
    if not words:
        return done
    for model, fields in personal_fields(about=About.CUSTOMER).items():
        if subjects_of(model) != BY_WORDS:
            continue
        held = {name: model._meta.get_field(name) for name in fields}
        texts = [name for name, column in held.items() if not isinstance(column, models.FileField)]
        done[model._meta.label] += _clear_texts(model, texts, words)
        for name, column in held.items():
            if isinstance(column, models.FileField):
                done[model._meta.label] += _drop_files(model, name, words)
    return +done


def _clear_texts(model: Model, names: list[str], words: PersonWords) -> int:
    as_text = {f"{name}_text": Cast(name, models.TextField()) for name in names}
    found = Q()
    for alias in as_text:
        found |= Q(**{f"{alias}__iregex": words.pattern})
    changed = 0
    for row in model._default_manager.alias(**as_text).filter(found).only("pk", *names).select_for_update(of=("self",)):
        blank = {name: _fitting(model, name, row.pk, words.erased_from(getattr(row, name))) for name in names}
        changed += model._default_manager.filter(pk=row.pk).update(**blank)
    return changed


def _fitting(model: Model, name: str, pk: Any, value: Any) -> Any:
    column = model._meta.get_field(name)
    if isinstance(value, str) and isinstance(column, models.CharField):
        return value[: column.max_length]
    return value


def _drop_files(model: Model, name: str, words: PersonWords) -> int:
    dropped = 0
    for row in model._default_manager.exclude(**{name: ""}).only("pk", name):
        file = getattr(row, name)
        if file.storage.exists(file.name) and words.names(_readable(file)):
            file.storage.delete(file.name)
            dropped += model._default_manager.filter(pk=row.pk).update(**{name: ""})
    return dropped


def _readable(file: Any) -> str:
    """The words of a file: of a spreadsheet those of its parts."""
    with file.open("rb") as opened:
        if not zipfile.is_zipfile(opened):
            opened.seek(0)
            return str(opened.read().decode("utf-8", errors="replace"))
        with zipfile.ZipFile(opened) as parts:
            return "\n".join(parts.read(name).decode("utf-8", errors="replace") for name in parts.namelist())


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
