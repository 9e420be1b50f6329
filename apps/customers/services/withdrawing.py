"""Proofs that no longer hold: who was joined by nothing else stands apart again, under the key they had."""

from collections.abc import Collection, Iterator, Sequence

from django.db import connection, transaction
from django.utils import timezone

from apps.core.retry import retried
from apps.customers.models import Basis, Edge, Identifier, MatchEvent, SourceRecord
from apps.customers.services import barring
from apps.customers.services.recognising import EDGES
from apps.customers.services.regrouping import Cause, Move, Pair, groups, hold, newest_words, pair, records_of, regroup
from apps.customers.services.saying import RULE_VERSION, say, tell_parted

Kind = Identifier.Kind
_NO_WORD = (0, Edge.Kind.SAME)


@retried
@transaction.atomic
def forget_payment_cards(*, source_record_id: int, actor: str, reason: str = "") -> list[Move]:
    """End the payment cards by which somebody was recognised, and all that rests on them alone; what moved."""
    customer = SourceRecord.objects.values_list("customer", flat=True).get(pk=source_record_id)
    theirs = list(records_of([customer]))
    cards = Identifier.objects.filter(source_record__in=theirs, kind=Kind.PAYMENT_TOKEN, valid_until=None)
    if not cards.update(valid_until=timezone.now()):
        return []
    return withdraw_recognised(kind=Kind.PAYMENT_TOKEN, source_record_ids=theirs, actor=actor, reason=reason)


@retried
@transaction.atomic
def withdraw_recognised(*, kind: str, source_record_ids: Collection[int], actor: str, reason: str = "") -> list[Move]:
    """Look again at what was recognised between these records by a kind of identifier; what moved.

    Of each pair the word is withdrawn unless they still share a proof. Where another proof holds records together, that is
    said in its place. What somebody said by hand, or was matched, stands.
    """
    asked = set(source_record_ids)
    everybody = hold(asked)
    words = newest_words(everybody)
    same = [those for those, (_edge, word) in words.items() if word == Edge.Kind.SAME]
    recognised = _recognised_by(kind, [words[those][0] for those in same])
    proofs = list(_shared_proofs(everybody))
    held = {those for _kind, sharing in proofs for those in _pairs(sharing, recognised)}
    doubted = {those for those in recognised if not asked.isdisjoint(those)} - held
    if not doubted:
        return []
    said = {"basis": Basis.RECOGNISED, "actor": actor}
    say(Edge.Kind.WITHDRAWN, dict.fromkeys(doubted, ""), reason=reason, **said)
    say(Edge.Kind.SAME, _bridges(everybody, [those for those in same if those not in doubted], proofs, words), **said)
    moves = regroup(set(everybody.values()), Cause(MatchEvent.Kind.PARTED, actor, RULE_VERSION))
    tell_parted(moves)
    return moves


def _recognised_by(kind: str, edges: Collection[int]) -> set[Pair]:
    rows = Edge.objects.filter(pk__in=edges, basis=Basis.RECOGNISED, evidence=kind)
    return set(rows.values_list("left", "right"))


def _shared_proofs(source_record_ids: Collection[int]) -> Iterator[tuple[str, list[int]]]:
    """What proves now that records of one customer are one person, strongest first: the kind, and who share it.

    What two customers share is left alone: somebody refused to join them, or was asked. A card that turned out to be somebody
    else's is kept unverified with whoever brought it; it still says that the two are one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sign.kind, sign.value, array_agg(DISTINCT record.id ORDER BY record.id)
              FROM customers_identifier AS sign JOIN customers_sourcerecord AS record ON record.id = sign.source_record_id
             WHERE record.id = ANY(%s::bigint[]) AND sign.kind = ANY(%s::text[])
               AND (sign.valid_until IS NULL OR sign.valid_until > clock_timestamp())
               AND (sign.verified OR sign.kind = %s)
             GROUP BY record.customer_id, sign.kind, sign.value, CASE WHEN sign.kind = %s THEN record.source ELSE '' END
            HAVING count(DISTINCT record.id) > 1 AND bool_or(sign.verified)
             ORDER BY array_position(%s::text[], sign.kind::text), sign.value
            """,
            [list(source_record_ids), list(EDGES), Kind.CARD, Kind.ACCOUNT, list(EDGES)],
        )
        rows = cursor.fetchall()
    rules = barring.book()
    yield from ((kind, sharing) for kind, value, sharing in rows if not rules.bars(kind, value))


def _pairs(sharing: Collection[int], among: Collection[Pair]) -> Iterator[Pair]:
    own = set(sharing)
    return (those for those in among if own.issuperset(those))


def _bridges(
    records: Collection[int],
    living: Sequence[Pair],
    proofs: Sequence[tuple[str, list[int]]],
    words: dict[Pair, tuple[int, str]],
) -> dict[Pair, str]:
    """Pairs that another proof joins, with its kind; not those of whom somebody said that they are not one."""
    found: dict[Pair, str] = {}
    for kind, sharing in proofs:
        group_of = {record: n for n, group in enumerate(groups(records, [*living, *found])) for record in group}
        first = {group_of[record]: record for record in reversed(sharing)}
        [anchor, *others] = first.values()
        bridges = (pair(anchor, other) for other in others)
        found |= {those: kind for those in bridges if words.get(those, _NO_WORD)[1] == Edge.Kind.SAME}
    return found
