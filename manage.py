#!/usr/bin/env python
"""Django's command line for Toonbank."""

import os
import sys

LOGGING_COMMANDS = {"up", "runserver"}  # what they start writes logs to files, or is its log


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not LOGGING_COMMANDS.intersection(sys.argv[1:2]):
        # A command speaks to a person in lines of its own; a log line comes between only when something is wrong.
        os.environ.setdefault("TOONBANK_LOG_LEVEL", "WARNING")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
