"""What a location sells of a variant a day."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from apps.inventory.models import SellThrough
from apps.inventory.services.moving import book_moves
from apps.inventory.services.selling_through import work_out_sell_through
from apps.inventory.services.types import Cause, Move, Spot


def sold(shop, number: str, sku: str, quantity: int, *, days_ago: int, kind: str = "sale") -> None:
    day = timezone.localdate() - dt.timedelta(days=days_ago)
    cause = Cause("ticket", number, day, timezone.now(), day, "till")
    spot = Spot(shop.s1.pk, shop.franchisee.pk)
    book_moves([Move(cause, 1, kind, shop.variants[sku].pk, Decimal(quantity), source=spot)])


def rates(shop) -> dict[str, Decimal]:
    return dict(SellThrough.objects.filter(location=shop.s1).values_list("variant__sku", "per_day"))


def test_the_last_four_weeks_count_and_parcels_for_others_do_not(shop):
    sold(shop, "1", "A", 7, days_ago=1)
    sold(shop, "2", "A", 7, days_ago=28, kind="collect")
    sold(shop, "3", "A", 99, days_ago=29)
    sold(shop, "4", "A", 99, days_ago=0)
    sold(shop, "5", "B", 28, days_ago=3, kind="ship")
    assert work_out_sell_through() == 1
    assert rates(shop) == {"A": Decimal("0.5")}


def test_it_is_worked_out_anew_and_what_sells_no_more_goes(shop):
    sold(shop, "1", "A", 14, days_ago=1)
    sold(shop, "2", "B", 28, days_ago=1)
    work_out_sell_through()
    assert work_out_sell_through() == 0, "nothing changed"
    sold(shop, "3", "B", 28, days_ago=2)
    work_out_sell_through()
    assert rates(shop) == {"A": Decimal("0.5"), "B": Decimal(2)}
    work_out_sell_through(until=timezone.localdate() + dt.timedelta(days=40))
    assert rates(shop) == {}
