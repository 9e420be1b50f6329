"""The channel, company and warehouse that imported history belongs to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.network.models import Channel, LegalEntity, Location, Ownership
from apps.tills.documents import Adapter

_WAREHOUSE = "UCI-OR-DC"
_COMPANY = "UCI-OR"


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import books: `warehouse` only when it moves stock. `names` says what new articles are called."""

    source: str
    channel: Channel
    seller_id: int
    warehouse: Location | None
    actor: str
    names: Mapping[str, str]


def one_at_a_time() -> None:
    """Wait until no other import is in a transaction of its own: two would make the same channel or the same articles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('toonbank.import'))")


@transaction.atomic
def open_target(
    *, adapter: Adapter, channel_code: str, with_stock: bool, actor: str, names: Mapping[str, str]
) -> Target:
    """Find the channel or make it, with its company; refuse one that counts in another currency."""
    one_at_a_time()
    channel = Channel.objects.select_related("seller").filter(code=channel_code).first()
    if channel is None:
        channel = _make_channel(adapter, channel_code)
    if channel.currency != adapter.currency:
        raise Conflict(
            _("Channel %(channel)s counts in %(theirs)s, this file in %(ours)s.")
            % {"channel": channel.code, "theirs": channel.currency, "ours": adapter.currency},
            code="other_currency",
        )
    if channel.seller is None:
        raise Conflict(_("Channel %(channel)s has no seller of its own.") % {"channel": channel.code}, code="no_seller")
    return Target(
        source=f"{adapter.name}/{channel.code}"[:48],
        channel=channel,
        seller_id=channel.seller.pk,
        warehouse=_warehouse(adapter, channel.seller) if with_stock else None,
        actor=actor,
        names=names,
    )


def _make_channel(adapter: Adapter, code: str) -> Channel:
    company, _new = LegalEntity.objects.get_or_create(
        code=_COMPANY,
        defaults={
            "name": adapter.channel_name,
            "kind": LegalEntity.Kind.OWN,
            "country": adapter.country,
            "currency": adapter.currency,
            "time_zone": adapter.time_zone,
        },
    )
    return Channel.objects.create(
        code=code,
        name=adapter.channel_name,
        kind=Channel.Kind.WEBSHOP,
        seller=company,
        country=adapter.country,
        currency=adapter.currency,
        time_zone=adapter.time_zone,
        locale="en",
        vat_basis=Channel.VatBasis.UNKNOWN,
    )


def _warehouse(adapter: Adapter, owner: LegalEntity) -> Location:
    """The place that history's goods came from; it neither ships nor serves, so no new order is sourced there."""
    warehouse, is_new = Location.objects.get_or_create(
        code=_WAREHOUSE,
        defaults={
            "name": adapter.channel_name,
            "kind": Location.Kind.DC,
            "postcode": "",
            "city": "",
            "country": adapter.country,
            "time_zone": adapter.time_zone,
            "offers_collect": False,
            "ships_orders": False,
        },
    )
    if is_new:
        Ownership.objects.create(location=warehouse, legal_entity=owner, valid=DateRange(dt.date(2000, 1, 1), None))
    return warehouse
