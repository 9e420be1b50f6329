"""Who somebody would be matched with by likeness, before they are written down: as `arriving` decides, reading only."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.customers.matching import Record, clash, score
from apps.customers.resolving import keeping_keys, learning
from apps.customers.resolving.learning import InForce
from apps.customers.resolving.persons import Someone, people_of, people_of_customers, said_by
from apps.customers.services.people import Details


@dataclass(frozen=True)
class Alike:
    """A customer who looks like the same person. `is_sure` says that matching joins them; else a clerk is asked."""

    customer_id: int
    probability: float
    is_sure: bool


def alike(people: Sequence[Details]) -> list[Alike | None]:
    """The likeliest customer of each, None for who is like nobody; four statements at most, whatever their number."""
    says = [said_by(one) for one in people]
    if not any(says):
        return [None] * len(people)
    model = learning.in_force()
    met = keeping_keys.candidates_of(keeping_keys.keys_by(says, model))
    known = {one.record_id: one for one in people_of(sorted({pk for found in met for pk in found}))}
    best = [
        _best(mine, [known[pk] for pk in found if pk in known], model) for mine, found in zip(says, met, strict=True)
    ]
    return _asking_where_they_clash(says, best, model)


def _best(mine: Record, others: Sequence[Someone], model: InForce) -> Alike | None:
    scored = [
        one for one in score(mine, [one.says for one in others], model.engine) if one.decision in ("same", "clerical")
    ]
    if not scored:
        return None
    best = max(scored, key=lambda one: one.weight)
    return Alike(others[best.candidate].customer_id, best.probability, best.decision == "same")


def _asking_where_they_clash(
    says: Sequence[Record], best: Sequence[Alike | None], model: InForce
) -> list[Alike | None]:
    """Who is sure by one record of a customer, but contradicted by another, is asked about."""
    sure = {one.customer_id for one in best if one is not None and one.is_sure}
    groups: dict[int, list[Record]] = {}
    for one in people_of_customers(sorted(sure)) if sure else ():
        groups.setdefault(one.customer_id, []).append(one.says)
    return [
        Alike(found.customer_id, found.probability, is_sure=False)
        if found is not None and found.is_sure and clash([mine], groups[found.customer_id], model.engine) is not None
        else found
        for mine, found in zip(says, best, strict=True)
    ]
