"""Promises for who collects in a store, on goods that may lie elsewhere: they are sent to the store."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.db import transaction

from apps.inventory.models import Reservation
from apps.inventory.services.decisions import Occasion
from apps.inventory.services.promising import Promise, reserve
from apps.inventory.services.types import InsufficientStock, Want
from apps.network.directory import Entry


def reserve_for_collecting(
    *,
    at: Entry,
    channel_id: int,
    reference: str,
    wants: Sequence[Want],
    occasion: Occasion,
    expires_at: dt.datetime | None = None,
    into: Reservation | None = None,
    divides: bool = False,
    next_line: int | None = None,
) -> tuple[Reservation, list[Promise]]:
    """Promise in the store what it has got of each variant that is wanted there (wants with its location), and what it has not
    by the sourcing rules from elsewhere. Wants without a location are sent to the customer.

    All wants or nothing, as `reserve`, in the caller's transaction. A store that refused the order before (`occasion.refused`)
    is not asked again.
    """
    here = [n for n, want in enumerate(wants) if want.location_id is not None]
    sent = [n for n, want in enumerate(wants) if want.location_id is None]
    to_the_store = replace(occasion, near=at.point, goes_to=at.id, brought_by=None)
    hold = partial(
        reserve,
        channel_id=channel_id,
        reference=reference,
        expires_at=expires_at,
        divides=divides,
        next_line=next_line,
    )
    short = set(here)
    if at.id not in occasion.refused:
        try:
            with transaction.atomic():
                return hold(wants=wants, into=into, occasion=occasion if sent else to_the_store)
        except InsufficientStock as error:
            short &= {position for shortage in error.shortages for position in shortage.positions}
            if not short:
                raise
    promises: list[Promise] = []
    for positions, where in ((sent, occasion), (here, replace(to_the_store, by=None) if sent else to_the_store)):
        if positions:
            part = [replace(wants[n], location_id=None) if n in short else wants[n] for n in positions]
            try:
                into, more = hold(wants=part, into=into, occasion=where)
            except InsufficientStock as error:
                raise error.standing_at(positions) from error
            promises += more
            further = max([*(want.line for want in wants), *(promise.line for promise in promises)]) + 1
            hold = partial(hold, next_line=max(further, next_line or 0))
    assert into is not None  # something was wanted
    return into, promises
