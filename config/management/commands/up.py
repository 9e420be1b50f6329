import json
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import running
from config.embedded.processes import ServiceError, die_with_parent
from config.embedded.services import Services
from config.embedded.supervisor import Supervisor, child_environment


class Command(BaseCommand):
    help = "Run everything: services, migrations, static files, web, worker and beat, until Ctrl-C or SIGTERM."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="fill an empty installation with the demo chain")
        parser.add_argument("--with-parent", action="store_true", help="stop when the calling process ends")

    def handle(self, *args: Any, demo: bool, with_parent: bool, **options: Any) -> None:
        if with_parent:
            die_with_parent(signal.SIGTERM)
        self.demo = demo
        self.services = Services.of(
            settings.PLACES, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY
        )
        variables = {"PORT": str(settings.PORT), "TOONBANK_DATA": str(settings.DATA_DIR)}
        if demo:
            variables["TOONBANK_DEMO"] = "1"
        elif settings.DEMO_STATE.exists():
            raise CommandError(
                f"{settings.DATA_DIR} holds the demo. Run it with `make demo`, or choose another folder for real "
                "data: make run TOONBANK_DATA=…"
            )
        supervisor = Supervisor(
            self.services, settings.BASE_DIR, child_environment(**variables), settings.PORT, settings.BASE_URL, self.say
        )
        try:
            with running.held(settings.PLACES, port=settings.PORT, url=settings.BASE_URL):
                code = supervisor.run(self.prepare, self.ready)
        except ServiceError as error:
            raise CommandError(str(error)) from error
        if code:
            raise SystemExit(code)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def prepare(self, supervisor: Supervisor) -> None:
        state: Path = settings.DEMO_STATE
        seeded = state.exists() and state.read_text() == "ready"
        if self.demo and state.exists() and not seeded and self.services.postgres is not None:
            self.say("The demo was cut short while it was being filled; starting afresh")
            self.services.postgres.drop_database("toonbank")
            self.services.postgres.create_database("toonbank")
        supervisor.step("Bringing the database up to date …", "migrate", "--noinput", "-v", "0")
        if "DatabaseCache" in settings.CACHES["default"]["BACKEND"]:
            supervisor.step("Making the cache table …", "createcachetable")
        supervisor.step("Collecting static files …", "collectstatic", "--noinput", "-v", "0")
        if self.demo and not seeded:
            state.write_text("filling")
            supervisor.step("Filling the demo …", "seed_demo")
            state.write_text("ready")

    def ready(self, supervisor: Supervisor) -> None:
        if self.demo:
            access = json.loads(supervisor.answer("demo_access"))
            rows = [("", "", "")]
            rows += [(role, user["email"], user["password"]) for role, user in access["users"].items()]
            rows += [("", "", ""), *((f"API key {name}", key, "") for name, key in access["api_keys"].items())]
            width = max(len(row[0]) for row in rows), max(len(user["email"]) for user in access["users"].values())
            for what, first, second in rows:
                self.say(f"  {what:<{width[0]}}  {first:<{width[1]}}  {second}".rstrip())
        self.say(f"\nToonbank runs at {settings.BASE_URL}   (Ctrl-C stops it)")
