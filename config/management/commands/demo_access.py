import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.staff import kept_access


class Command(BaseCommand):
    help = "Print what opens the demo as one JSON object: address, users with passwords, API keys."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        access = kept_access(settings.DEMO_ACCESS)
        if access is None:
            raise CommandError(f"There is no demo in {settings.DATA_DIR}. `make demo` makes one.")
        answer = {"base_url": settings.BASE_URL, "users": access.users, "api_keys": access.api_keys}
        self.stdout.write(json.dumps(answer, indent=2))
