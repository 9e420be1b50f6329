"""An address that turned out to be somebody's: they pressed the button in what was mailed to it."""

from django.db import transaction

from apps.customers.models import Identifier, SourceRecord
from apps.customers.services import normalising
from apps.customers.services.people import Kind, Person
from apps.customers.services.recognising import recognise


@transaction.atomic(savepoint=False)
def verify_email(*, source_record_id: int, address: str, actor: str) -> bool:
    """Write down that an e-mail address is proven to be of the person of a record; whether that is news.

    Whoever is known by that address already is then the same customer, unless something contradicts it: that is left for
    somebody to decide. Only an address that the record was told of counts: what was corrected meanwhile proves nothing.
    """
    email = normalising.email(address)
    if not email or not is_told_of(source_record_id, email) or is_verified(source_record_id, email):
        return False
    record = SourceRecord.objects.get(pk=source_record_id)
    proven = Person(source=record.source, external_id=record.external_id, email=email, email_is_verified=True)
    recognise([proven], actor=actor)
    return True


def is_told_of(source_record_id: int, email: str) -> bool:
    """Whether an address is what a record says now; a record that says none may be told of one."""
    record = SourceRecord.objects.get(pk=source_record_id)
    newest = record.details.order_by("-pk").first()
    return newest is None or newest.email in ("", email)


def is_verified(source_record_id: int, email: str) -> bool:
    """Whether a record's address is proven, rather than only typed."""
    proofs = Identifier.objects.filter(kind=Kind.EMAIL, value=email, verified=True)
    return proofs.filter(source_record=source_record_id).exists()


def is_known(email: str, *, but: int) -> bool:
    """Whether a customer other than the one of record `but` is known by this address as proof."""
    proofs = Identifier.objects.filter(kind=Kind.EMAIL, value=email, verified=True)
    return proofs.exclude(source_record__customer__source_records=but).exists()
