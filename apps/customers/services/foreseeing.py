"""What recognising somebody would come to, before it is done: reads only, with the same rules and in the same order.

One `Foresight` goes over one file. It remembers who of the file's earlier rows would be new, so that a later row that is
the same person is seen to join them, in whichever batch the two stand.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from apps.customers.models import Customer, Identifier
from apps.customers.services import barring, records
from apps.customers.services.people import Kind, Told
from apps.customers.services.recognising import Changes, Holders, proofs_of
from apps.customers.services.records import Belonging, Holder, KnownRecord, Newcomer, Proof, RecordKey

SUSPECTED_BY = (Kind.EMAIL, Kind.PHONE)
"""What people share now and then; it makes somebody worth a look by a clerk, and joins nobody."""


@dataclass(frozen=True)
class Foreseen:
    """What would become of one person.

    `record` is the record that the same system gave before, if there is one; else `evidence` is the kind of identifier by which
    they would be recognised, as `customer_id` or as the person of an earlier row, `joins`. `suspect_id` is a customer who shares
    an address with somebody who would be new.
    """

    told: Told
    record: KnownRecord | None = None
    changes: bool = False
    evidence: str = ""
    customer_id: int | None = None
    joins: RecordKey | None = None
    suspect_id: int | None = None


class _FileHolders(Holders):
    """Who is known by which proof, the file's earlier rows among them."""

    def __init__(self, known: dict[Proof, Holder], earlier: Mapping[Proof, Belonging]) -> None:
        super().__init__(known)
        self._holders = {**earlier, **self._holders}

    @property
    def began(self) -> dict[Proof, Belonging]:
        """The proofs of customers who would begin in this file."""
        return {proof: belonging for proof, belonging in self._holders.items() if belonging.holder is None}


@dataclass
class Foresight:
    """One pass over people of one file, batch by batch in order."""

    _began: dict[Proof, Belonging] = field(default_factory=dict)

    def foresee(self, people: Sequence[Told]) -> list[Foreseen]:
        """What would become of each, in their order; three statements at most, whatever their number."""
        known, holding = records.find(
            keys=(one.record_key for one in people),
            proofs=(proof for one in people for _kind, proof in proofs_of(one)),
            limits=barring.book().limits,
            holds=False,
        )
        holders = _FileHolders(holding, self._began)
        foreseen: list[Foreseen] = []
        for one in people:
            if (record := known.get(one.record_key)) is not None:
                foreseen.append(Foreseen(one, record, changes=bool(Changes([(one, record)]))))
            else:
                foreseen.append(self._of_newcomer(holders.take_in(one, ())))
        self._began = holders.began
        return self._with_suspects(foreseen)

    @staticmethod
    def _of_newcomer(newcomer: Newcomer) -> Foreseen:
        belonging = newcomer.belonging
        if not belonging.evidence:
            return Foreseen(newcomer.told)
        if belonging.holder is not None:
            return Foreseen(newcomer.told, evidence=belonging.evidence, customer_id=belonging.holder.customer_id)
        return Foreseen(newcomer.told, evidence=belonging.evidence, joins=belonging.first)

    @staticmethod
    def _with_suspects(foreseen: Sequence[Foreseen]) -> list[Foreseen]:
        """With, of those who would be new, somebody known who has the same address or number."""
        asked = {
            (sign.kind, sign.value)
            for one in foreseen
            if one.record is None and not one.evidence
            for sign in one.told.signs
            if sign.kind in SUSPECTED_BY
        }
        if not asked:
            return list(foreseen)
        rows = Identifier.objects.filter(
            kind__in={kind for kind, _value in asked}, value__in={value for _kind, value in asked}
        ).order_by("-pk")
        holders = {
            (kind, value): customer_id
            for kind, value, customer_id in rows.values_list("kind", "value", "source_record__customer")
        }
        return [_suspected(one, holders) for one in foreseen]


def _suspected(one: Foreseen, holders: Mapping[tuple[str, str], int]) -> Foreseen:
    if one.record is not None or one.evidence:
        return one
    found = (holders.get((sign.kind, sign.value)) for sign in one.told.signs if sign.kind in SUSPECTED_BY)
    suspect = next((customer_id for customer_id in found if customer_id is not None), None)
    return Foreseen(one.told, suspect_id=suspect)


def customers_of(foreseen: Sequence[Foreseen], *, besides: Collection[int] = ()) -> dict[int, Customer]:
    """The customers that are named in what was foreseen, and some `besides`, by id."""
    wanted = {*besides} | {pk for one in foreseen for pk in (one.customer_id, one.suspect_id) if pk is not None}
    return Customer.objects.in_bulk(wanted) if wanted else {}
