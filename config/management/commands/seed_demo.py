from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.core.errors import DomainError
from config.demo.building import build, is_built
from config.demo.plan import Plan


class Command(BaseCommand):
    help = "Fill an empty database with Moswijk, the demo chain. Larger sizes are for benchmarks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another number gives another chain (default: 1)")
        parser.add_argument("--stores", type=int, default=600, help="how many stores (default: 600)")
        parser.add_argument("--orders", type=int, default=10_000, help="how many past purchases (default: 10000)")

    def handle(self, *args: Any, seed: int, stores: int, orders: int, **options: Any) -> None:
        if stores < 3 or orders < 50:
            raise CommandError("The smallest demo has 3 stores and 50 orders.")
        if is_built():
            self.stdout.write("This database already holds the demo.")
            return
        plan = Plan(seed=seed, stores=stores, orders=orders, today=timezone.localdate())
        try:
            build(plan, access_file=settings.DEMO_ACCESS, say=self.say)
        except DomainError as error:
            raise CommandError(error.detail) from error

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
