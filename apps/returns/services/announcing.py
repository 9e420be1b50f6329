"""A customer says that goods will come back."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.bulk import insert_rows
from apps.core.days import business_date
from apps.core.errors import Conflict
from apps.core.events.log import record
from apps.core.events.models import Origin
from apps.core.money import ZERO
from apps.core.numbers import RETURN, new_code, next_number
from apps.core.retry import retried
from apps.network.models import Channel, Location
from apps.returns.models import Return, ReturnLine, ReturnStatus
from apps.returns.services.counting import Counted, count
from apps.returns.services.happening import happened_to
from apps.returns.services.purchases import Taken, take_announced
from apps.returns.services.types import Announced, NotReturnable


class DuplicateReturn(Conflict):
    """The channel used this id for another return."""

    code = "duplicate_external_id"


@retried
@transaction.atomic
def announce_return(
    *,
    channel: Channel,
    external_id: str,
    fingerprint: str,
    lines: Sequence[Announced],
    occurred_at: dt.datetime,
    destination: Location | None = None,
) -> tuple[Return, bool]:
    """Announce a return of purchases in any channel; give the return and whether it is new.

    The same (`channel`, `external_id`) with the same `fingerprint` gives the first return again, with another one raises
    `DuplicateReturn`. Raises `NotReturnable` for more than was handed over, less what came back or is announced already:
    order lines are locked in key order, so of two at once exactly one wins.
    """
    known = find_known(channel=channel, external_id=external_id, fingerprint=fingerprint)
    if known is not None:
        return known, False
    try:
        taken = take_announced(lines)
    except NotReturnable:
        # A twin of this very announcement may have been first while we waited for the lines.
        known = find_known(channel=channel, external_id=external_id, fingerprint=fingerprint)
        if known is None:
            raise
        return known, False
    return _write(channel, external_id, fingerprint, taken, occurred_at, destination)


def find_known(*, channel: Channel, external_id: str, fingerprint: str) -> Return | None:
    """The return that a channel already announced under this id."""
    known = Return.objects.filter(channel=channel, external_id=external_id).first()
    if known is not None and known.fingerprint != fingerprint:
        raise DuplicateReturn(_("This id was used for another return."))
    return known


def _write(
    channel: Channel,
    external_id: str,
    fingerprint: str,
    taken: Sequence[Taken],
    occurred_at: dt.datetime,
    destination: Location | None,
) -> tuple[Return, bool]:
    orders = [t.purchase.line.order for t in taken]
    rma = Return(
        number=next_number(RETURN),
        channel=channel,
        external_id=external_id,
        fingerprint=fingerprint,
        origin=Origin.LIVE,
        source_record_id=next((o.source_record_id for o in orders if o.source_record_id), None),
        status=ReturnStatus.ANNOUNCED,
        location=destination,
        return_code=new_code(),
        currency=orders[0].currency,
        total=sum((t.worth.amount for t in taken), ZERO),
        occurred_at=occurred_at,
        business_date=business_date(occurred_at, channel.time_zone),
    )
    fields = [f for f in Return._meta.concrete_fields if not f.primary_key]
    written = insert_rows(
        Return,
        [f.name for f in fields],
        [[getattr(rma, f.attname) for f in fields]],
        returning=("id",),
        on_conflict="(channel_id, external_id) DO NOTHING",
    )
    if not written:
        known = find_known(channel=channel, external_id=external_id, fingerprint=fingerprint)
        assert known is not None  # what we ran into is committed
        return known, False
    rma.pk = written[0][0]
    rma._state.adding = False
    ReturnLine.objects.bulk_create([_line(rma, n, t) for n, t in enumerate(taken, start=1)])
    count(Counted(t.purchase.line.pk, returning=t.quantity) for t in taken)
    record(happened_to(rma, "return.announced", occurred_at))
    return rma, True


def _line(rma: Return, n: int, taken: Taken) -> ReturnLine:
    bought = taken.purchase.line
    return ReturnLine(
        rma=rma,
        line=n,
        order_id=bought.order_id,
        order_line=bought,
        variant_id=bought.variant_id,
        sku=bought.sku,
        name=bought.name,
        quantity=taken.quantity,
        unit_price=bought.unit_price,
        amount=taken.worth.amount,
        vat_rate=bought.vat_rate,
        vat_amount=taken.worth.vat,
        reason=taken.reason,
    )
