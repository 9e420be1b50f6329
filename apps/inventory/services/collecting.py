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
    """Promise in the store what it has got of each variant, and what it has not by the sourcing rules from elsewhere.

    All wants or nothing, as `reserve`, in the caller's transaction. A store that refused the order before (`occasion.refused`)
    is not asked again.
    """
    here = [replace(want, location_id=at.id) for want in wants]
    hold = partial(
        reserve,
        channel_id=channel_id,
        reference=reference,
        expires_at=expires_at,
        occasion=replace(occasion, near=at.point, goes_to=at.id),
        into=into,
        divides=divides,
        next_line=next_line,
    )
    short = set(range(len(here)))
    if at.id not in occasion.refused:
        try:
            with transaction.atomic():
                return hold(wants=here)
        except InsufficientStock as error:
            short = {position for shortage in error.shortages for position in shortage.positions}
    return hold(wants=[replace(want, location_id=None) if n in short else want for n, want in enumerate(here)])
