"""Changing what a location offers. What it was, who changed it and when is in the audit trail."""

from django.db import transaction

from apps.network.models import Channel, Location


@transaction.atomic
def change_location(
    *, location: Location, offers_collect: bool | None = None, ships_orders: bool | None = None
) -> Location:
    """Let a location offer collecting, or send orders, from now on; None leaves it as it is. Orders that stand are kept."""
    if offers_collect is not None:
        location.offers_collect = offers_collect
    if ships_orders is not None:
        location.ships_orders = ships_orders
    location.save(update_fields=["offers_collect", "ships_orders"])
    return location


@transaction.atomic
def limit_parcels(*, location: Location, parcels_a_day: int | None) -> Location:
    """How many parcels a location can send a day from now on; None for as many as come."""
    location.parcels_a_day = parcels_a_day
    location.save(update_fields=["parcels_a_day"])
    return location


@transaction.atomic
def tell_how_sales_come(*, location: Location, sales_come: str) -> Location:
    """Whether a location's tills report each ticket at once or in batches; stock counts as older when they do not."""
    location.sales_come = sales_come
    location.save(update_fields=["sales_come"])
    return location


@transaction.atomic
def set_collect_terms(*, channel: Channel, reminder_days: int, days: int) -> Channel:
    """How many days orders of a channel lie ready, and after how many the customer is reminded; for what is made ready
    from now on."""
    channel.collect_reminder_days, channel.collect_days = reminder_days, days
    channel.save(update_fields=["collect_reminder_days", "collect_days"])
    return channel
