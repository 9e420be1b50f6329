"""Text as people mean it rather than as they typed it: capitals and accents make no difference, a slip of the finger little.

`core_plain` is PostgreSQL's own `unaccent` in lower case, declared immutable so that an index can hold it. One trigram index
on `Plain("name")` answers all that `spelled_like` asks of `name`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import CharField, Q, TextField, Transform, Value

_SHORTEST_PART = 3  # shorter ones have no trigram of their own, so that an index could not help
_MOST_WORDS = 8
_SHORT = 8  # letters: one slip leaves such a word too little like what was meant
_FAINT = 0.25  # of the trigrams of two words together; the settings say how many are enough otherwise


class Plain(Transform):
    """A text in lower case without accents: "Kafé Oña" is "kafe ona"."""

    lookup_name = "plain"
    function = "core_plain"
    output_field = TextField()


CharField.register_lookup(Plain)
TextField.register_lookup(Plain)


def words_of(text: str) -> list[str]:
    """The words to look for, no more than anybody means."""
    return text.split()[:_MOST_WORDS]


def spelled_like(field: str, word: str) -> Q:
    """A condition: `word` stands somewhere in `field`, or a word much like it does; of a short one, a word that begins so.

    A number is not misspelled: 1780 is like 178 and 1870, which are something else.
    """
    plain = Plain(Value(word))
    if word.isdecimal() and len(word) >= _SHORTEST_PART:
        return Q(**{f"{field}__plain__contains": plain})
    if len(word) < _SHORTEST_PART:
        return Q(**{f"{field}__plain__trigram_word_similar": plain})
    return Q(**{f"{field}__plain__trigram_strict_word_similar": plain}) | Q(**{f"{field}__plain__contains": plain})


def may_hide_a_slip(text: str) -> bool:
    """Whether one slip can keep a word of this text from being found by what it is much like."""
    return any(len(word) <= _SHORT for word in words_of(text))


def likeness(field: str, text: str) -> TrigramWordSimilarity:
    """How much a text is like the nearest part of `field`: 0 to 1, to put the best first."""
    return TrigramWordSimilarity(Plain(Value(text)), Plain(field))  # type: ignore[arg-type]  # expressions will do


@contextmanager
def faint_likeness() -> Iterator[None]:
    """Let less likeness do, for a second try after nothing was found: a slip in a short word spoils most of its trigrams."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.strict_word_similarity_threshold = {_FAINT}")
        yield
        cursor.execute("SET LOCAL pg_trgm.strict_word_similarity_threshold TO DEFAULT")
