"""Loyalty in the register of personal data."""

from apps.core.privacy.register import Personal, declare
from apps.loyalty.models import EarnRule, Invitation, LoyaltyAccount, PointsEntry, PointsLot
from apps.loyalty.services import forfeiting  # noqa: F401  (registers what an erasure does to points)

declare(EarnRule, impersonal={"version", "currency"})
declare(LoyaltyAccount, personal={"card_number": Personal("loyalty card")}, subject="source_record")
declare(PointsLot, impersonal={"order_number"})
declare(PointsEntry, impersonal={"cause_type", "cause_id", "kind", "actor", "order_number", "rule_version"})
declare(Invitation, impersonal={"code", "device"})  # a digest of a random value that one phone was given
