"""What a test does with the database of other processes, from a process of its own: `-m tests.killing.from_outside stock`."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.killing.aftermath import STOCKED, let_leases_run_out, waits, wrongs
    from tests.shop import open_shop

    match sys.argv[1]:
        case "stock":
            shop = open_shop()
            shop.receive(shop.s1, A=STOCKED, B=STOCKED)
            answer: object = shop.key
        case "waits":
            let_leases_run_out()
            answer = waits()
        case "wrongs":
            answer = wrongs({name: tuple(what) for name, what in json.load(sys.stdin).items()})
    print(json.dumps(answer))  # noqa: T201  it is what the caller reads


if __name__ == "__main__":
    main()
