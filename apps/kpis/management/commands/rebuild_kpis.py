from typing import Any

from django.core.management.base import BaseCommand

from apps.kpis.models import DailySales, MonthlySpend
from apps.kpis.services.rolling_up import rebuild


class Command(BaseCommand):
    help = "Make the sales roll-ups of the dashboard anew from orders and returns."

    def handle(self, *args: Any, **options: Any) -> None:
        rebuild()
        days, months = DailySales.objects.count(), MonthlySpend.objects.count()
        self.stdout.write(f"{days} days of sales and {months} months of spending rebuilt")
