import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from apps.loyalty.models import EarnRule, LoyaltyAccount
from apps.loyalty.services.opening import open_account
from tests.returns.purchases import JAN
from tests.shop import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop with twenty of A, B and C in store S1, where a euro is a point that counts after fourteen days."""
    shop = open_shop()
    shop.receive(shop.s1, A=20, B=20, C=20)
    EarnRule.objects.create(version="2026-1", currency="EUR", points_per_unit=Decimal(1), pending_days=14)
    return shop


@pytest.fixture
def jan(shop: Shop) -> LoyaltyAccount:
    """Jan's card: known by the e-mail address that the webshop confirmed."""
    return open_account(person=replace(JAN, account_id="", email_is_verified=True), issued_by=shop.s1, actor="test")


@pytest.fixture
def rule_from() -> Callable[..., EarnRule]:
    def make(day: dt.date, points: str, version: str) -> EarnRule:
        return EarnRule.objects.create(version=version, currency="EUR", points_per_unit=Decimal(points), valid_from=day)

    return make
