"""People who are recognised by the payment card they use, which takes their consent.

The digest of a card is kept of nobody who did not consent, and finds nobody who no longer does. Without consent it is let go
of: nothing says afterwards that it was ever here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from django.db.models import Q
from django.utils import timezone

from apps.customers.models import Identifier, Purpose, SourceRecord
from apps.customers.services import barring
from apps.customers.services.consenting import customers_allowing
from apps.customers.services.people import Kind, Person
from apps.customers.services.recognising import recognise


def recognise_buyers(people: Sequence[Person], *, actor: str) -> list[int | None]:
    """As `recognise`, for people of whom a till read the payment card (`payment_token`) without knowing what they consented to.

    Whoever is recognised by something else and consented is known by this card from now on. Whoever gave nothing else is
    whose card it is: (one of) their source record ids. The number of statements does not depend on the number of people.
    """
    ids = recognise([replace(person, payment_token="") for person in people], actor=actor)
    paid = [n for n, person in enumerate(people) if person.payment_token]
    if not paid:
        return ids
    holders = _holders({people[n].payment_token or "" for n in paid})
    recognised = {record_id for n in paid if (record_id := ids[n]) is not None}
    belongs = dict(SourceRecord.objects.filter(pk__in=recognised).values_list("pk", "customer"))
    held = {customer_id for owners in holders.values() for customer_id in owners}
    allowing = customers_allowing(held | set(belongs.values()), Purpose.PAYMENT_RECOGNITION)
    fresh: list[Person] = []
    for n in paid:
        owners = holders.get(people[n].payment_token or "", {})
        record_id = ids[n]
        if record_id is None:
            ids[n] = _only_of(owners, allowing)
        elif belongs[record_id] in allowing and allowing.issuperset(owners):
            fresh.append(people[n])
    if fresh:
        recognise(fresh, actor=actor)
    return ids


def _holders(tokens: Iterable[str]) -> dict[str, dict[int, int]]:
    """{digest: {customer: the newest of their records that brought it}}; of what is barred, nobody."""
    rules = barring.book()
    asked = [token for token in tokens if not rules.bars(Kind.PAYMENT_TOKEN, token)]
    signs = Identifier.objects.filter(kind=Kind.PAYMENT_TOKEN, value__in=asked, verified=True)
    living = signs.filter(Q(valid_until=None) | Q(valid_until__gt=timezone.now())).order_by("pk")
    found: dict[str, dict[int, int]] = {}
    for token, customer_id, record_id in living.values_list("value", "source_record__customer", "source_record"):
        found.setdefault(token, {})[customer_id] = record_id
    return found


def _only_of(owners: dict[int, int], allowing: Collection[int]) -> int | None:
    """The record of the one customer whose card it is; a card of several says nothing about who paid."""
    if len(owners) != 1:
        return None
    [(customer_id, record_id)] = owners.items()
    return record_id if customer_id in allowing else None
