"""An address that turned out to be somebody's: they opened what was mailed to it."""

from django.db import transaction

from apps.customers.models import Identifier, SourceRecord
from apps.customers.services import normalising, records
from apps.customers.services.people import Kind, Sign
from apps.customers.services.projecting import refresh_customers


@transaction.atomic
def verify_email(*, source_record_id: int, address: str) -> bool:
    """Write down that an e-mail address is proven to be of the person of a record; whether that is news.

    Only an address that the record itself was told of: what was corrected meanwhile proves nothing any more.
    """
    email = normalising.email(address)
    record = SourceRecord.objects.select_for_update(no_key=True).get(pk=source_record_id)
    newest = record.details.order_by("-pk").first()
    if not email or newest is None or newest.email != email or is_verified(source_record_id, email):
        return False
    records.append_signs([(source_record_id, Sign(Kind.EMAIL, email, True))])
    refresh_customers([record.customer_id])
    return True


def is_verified(source_record_id: int, email: str) -> bool:
    """Whether a record's address is proven, rather than only typed."""
    proofs = Identifier.objects.filter(kind=Kind.EMAIL, value=email, verified=True)
    return proofs.filter(source_record=source_record_id).exists()


def is_known(email: str, *, but: int) -> bool:
    """Whether a customer other than the one of record `but` is known by this address as proof."""
    proofs = Identifier.objects.filter(kind=Kind.EMAIL, value=email, verified=True)
    return proofs.exclude(source_record__customer__source_records=but).exists()
