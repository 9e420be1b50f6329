"""What holds of everything that was said about a purpose: words and joinings, folded in the order of time.

Of one source record the last word per purpose counts. Where records were joined, the joining counts too: what each side had
said until then becomes the most restrictive of the two, until the person says something again. A side that said nothing
restricts nothing. Taken apart, each side has what it had said itself.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from apps.customers.models import Consent, MatchEvent

Timeline = list[tuple[dt.datetime, UUID]]  # since when a record belonged to which customer, oldest first
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Standing:
    """What holds for a purpose: the word that counts, and who said what.

    `is_contested`: records that were joined had said different things, and the person has not said since which it is.
    `allowing` are the records whose own word allows it.
    """

    word: Consent
    is_contested: bool = False
    allowing: frozenset[int] = frozenset()

    @property
    def is_live(self) -> bool:
        return self.word.holds


def timelines_of(record_ids: Collection[int]) -> dict[int, Timeline]:
    """When each record belonged to whom. Only where more than one record spoke is there anything to ask."""
    timelines: dict[int, Timeline] = defaultdict(list)
    if len(record_ids) > 1:
        rows = MatchEvent.objects.filter(source_record__in=record_ids).order_by("pk")
        for record_id, at, key in rows.values_list("source_record", "recorded_at", "customer_key"):
            # Whoever was recognised when their record was written said everything as the person they are.
            timelines[record_id].append((at if timelines[record_id] else _EVER, key))
    return timelines


def _together_since(one: Timeline, other: Timeline) -> dt.datetime:
    """Since when two records, which are one customer's now, have been so without a break."""
    changes = sorted({at for at, _key in (*one, *other)}, reverse=True)
    since = changes[0] if changes else _EVER
    for at in changes:
        if _at(one, at) != _at(other, at):
            return since
        since = at
    return since


def _at(timeline: Timeline, at: dt.datetime) -> UUID | None:
    return next((key for since, key in reversed(timeline) if since <= at), None)


def folded(words: Iterable[Consent], timelines: Mapping[int, Timeline]) -> dict[str, Standing]:
    """What holds for somebody of these words of all their records, by purpose."""
    by_purpose: dict[str, list[Consent]] = defaultdict(list)
    for word in words:
        by_purpose[word.purpose].append(word)
    counting = {purpose: _without_taken_back(said) for purpose, said in by_purpose.items()}
    return {purpose: _fold(said, timelines) for purpose, said in counting.items() if said}


def _without_taken_back(words: list[Consent]) -> list[Consent]:
    """An order that came to nothing said nothing: neither what it allowed nor that this was taken back counts."""
    undone = {word.order_number for word in words if word.basis == Consent.Basis.SOFT_OPT_IN and not word.given}
    return [word for word in words if word.basis != Consent.Basis.SOFT_OPT_IN or word.order_number not in undone]


def _fold(words: list[Consent], timelines: Mapping[int, Timeline]) -> Standing:
    """Words and joinings in the order of time: a word replaces what its side had said, a joining takes the most restrictive."""
    speakers = sorted({word.source_record_id for word in words})
    side = {record_id: record_id for record_id in speakers}  # which side each record is on, by one record of it
    held: dict[int, Standing] = {}
    joins = [
        (_together_since(timelines.get(one, []), timelines.get(other, [])), one, other)
        for index, one in enumerate(speakers)
        for other in speakers[index + 1 :]
    ]
    said = sorted(words, key=lambda word: (word.occurred_at, word.pk))
    for at, one, other in sorted(joins):
        while said and said[0].occurred_at < at:
            _hear(said.pop(0), side, held)
        _join(side[one], side[other], side, held)
    for word in said:
        _hear(word, side, held)
    [standing] = held.values()
    return standing


def _hear(word: Consent, side: dict[int, int], held: dict[int, Standing]) -> None:
    earlier = held.get(side[word.source_record_id])
    allowing = frozenset({word.source_record_id}) if word.given else frozenset()
    if earlier is not None and word.given and earlier.word.given:
        allowing |= earlier.allowing
    held[side[word.source_record_id]] = Standing(word, allowing=allowing)


def _join(one: int, other: int, side: dict[int, int], held: dict[int, Standing]) -> None:
    if one == other:
        return
    for record_id, of in side.items():
        if of == other:
            side[record_id] = one
    said = [held.pop(of) for of in (one, other) if of in held]
    if said:
        strictest = min(said, key=_freedom)
        contested = len({standing.word.given for standing in said}) > 1 or any(s.is_contested for s in said)
        allowing = (
            frozenset[int]().union(*(standing.allowing for standing in said)) if strictest.word.given else frozenset()
        )
        held[one] = replace(strictest, is_contested=contested, allowing=allowing)


def _freedom(standing: Standing) -> tuple[bool, bool, dt.datetime]:
    """How much a standing allows: nothing, what a purchase allows, what was asked for; and for how long."""
    word = standing.word
    for_ever = dt.datetime.max.replace(tzinfo=dt.UTC)
    return word.holds, word.basis == Consent.Basis.CONSENT, word.expires_at or for_ever
