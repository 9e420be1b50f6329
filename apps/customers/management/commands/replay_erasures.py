"""`manage.py replay_erasures`: after a restore, forget again whoever had been forgotten."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.customers.rights.replaying import replay


class Command(BaseCommand):
    help = (
        "After a restore of the database: erase again whoever the file of erasures in the data folder names and the back-up "
        "brought back. Ends with an error while somebody cannot be erased yet; it can be run any number of times."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = replay(principal=None)
        self.stdout.write(f"{done.unknown} erasures were unknown to this database; {done.erased} people erased again")
        for key, reason in done.waiting.items():
            self.stderr.write(f"customer {key}: {reason}")
        if done.waiting:
            raise CommandError(f"{len(done.waiting)} people cannot be erased yet; run this again when that is finished")
