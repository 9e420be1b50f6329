"""`manage.py reconcile`: prove that running figures equal their ledgers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.reconcile import reconcile


class Command(BaseCommand):
    help = "Compare every running figure with its ledger; exits with 1 when one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for outcome in reconcile():
            if outcome.behind:
                self.stdout.write(f"{outcome.check.name}: {outcome.behind} events behind, compare again later")
                continue
            if not outcome.differences:
                self.stdout.write(f"{outcome.check.name}: equal")
                continue
            wrong += len(outcome.differences)
            self.stdout.write(f"{outcome.check.name}: {len(outcome.differences)} differences")
            for difference in outcome.differences[:20]:
                self.stdout.write(f"  {difference.what}: stored {difference.stored}, ledger {difference.ledger}")
        if wrong:
            raise CommandError(f"{wrong} figures differ from their ledger")
