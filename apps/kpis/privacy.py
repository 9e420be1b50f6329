"""Figures in the register of personal data: codes and amounts; a person is named only by the key of a source record."""

from apps.core.privacy.register import declare
from apps.kpis.models import DailySales, Goal, MonthlySpend

declare(DailySales, impersonal={"currency"})
declare(MonthlySpend, impersonal={"channel_kind", "currency"})
declare(Goal, impersonal={"slug", "name", "measure", "currency", "baseline_source", "why"})
