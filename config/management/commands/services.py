from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import running
from config.embedded.processes import ServiceError
from config.embedded.services import Services


class Command(BaseCommand):
    help = "Start, stop or show the embedded PostgreSQL and Valkey of this data folder."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        services = Services.of(settings.PLACES, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY)
        try:
            getattr(self, action)(services)
        except ServiceError as error:
            raise CommandError(str(error)) from error

    def start(self, services: Services) -> None:
        for name, new in services.start(dies_with_us=False).items():
            self.stdout.write(f"{name}: {'started' if new else 'was running already'}")
        self._elsewhere(services)

    def stop(self, services: Services) -> None:
        if running.ask_to_stop(settings.PLACES):
            self.stdout.write("Toonbank: stopped")
        for name, ran in services.stop().items():
            self.stdout.write(f"{name}: {'stopped' if ran else 'was not running'}")
        self._elsewhere(services)

    def status(self, services: Services) -> None:
        if other := running.held_by(settings.PLACES):
            self.stdout.write(f"Toonbank: runs at {other.url} (process {other.pid})")
        for name, server in services:
            self.stdout.write(f"{name}: {'runs' if server.running() else 'is not running'}")
        self._elsewhere(services)

    def _elsewhere(self, services: Services) -> None:
        if services.postgres is None:
            self.stdout.write("PostgreSQL: by TOONBANK_DATABASE_URL, not ours to manage")
        if services.valkey is None:
            self.stdout.write("Broker: by TOONBANK_BROKER_URL, not ours to manage")
