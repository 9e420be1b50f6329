"""PostgreSQL stops and starts in the middle: clients are told to come back, do so with their keys, and nothing is missing."""

import json
import os
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection

import pytest

from config.embedded.processes import wait_until
from tests import server
from tests.killing.crowd import Crowd
from tests.killing.nodes import CHECKOUT, nodes


def ask(url: str, what: str, given: object = None) -> object:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TOONBANK_")}
    env = own | {"DJANGO_SETTINGS_MODULE": "config.settings", "TOONBANK_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing.from_outside", what],
        cwd=CHECKOUT,
        env=env,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.soak
def test_the_database_stops_and_starts_under_a_crowd(tmp_path):
    # given: a database server of its own, two nodes, and a crowd at work
    database = server.of_run(tmp_path / "database")
    server.start(database)
    url = database.url(server.TEMPLATE)
    try:
        key = ask(url, "stock")
        with nodes(tmp_path / "nodes", database_url=url) as there:
            crowd = Crowd(there.ports, str(key))
            over = threading.Event()
            work = threading.Thread(target=crowd.run, kwargs={"clients": 6, "enough": over.is_set}, daemon=True)
            work.start()
            assert wait_until(lambda: len(crowd.acknowledged) > 50, seconds=60), there.logs()

            # when: it stops, stays away for a while, and comes back, twice
            for _ in range(2):
                database.stop()
                before = len(crowd.acknowledged)
                time.sleep(3)
                for port in there.ports:
                    refusal = get(port, "orders/", str(key))
                    assert refusal[0] == 503
                    assert int(refusal[1]["Retry-After"]) >= 1
                    assert refusal[2]["errors"][0]["code"] == "busy"
                database.start(dies_with_us=True)
                assert wait_until(lambda was=before: len(crowd.acknowledged) > was + 50, seconds=60), there.logs()
            over.set()
            work.join(timeout=90)

            # then
            assert crowd.faults == []
            assert crowd.statuses.keys() <= {200, 201, 409, 503}
            assert crowd.statuses[503] > 0
            assert wait_until(lambda: ask(url, "waits") == {}, seconds=90), there.logs()
            assert ask(url, "wrongs", crowd.acknowledged) == []
    finally:
        database.stop()


def get(port: int, path: str, key: str) -> tuple[int, dict[str, str], dict[str, list[dict[str, str]]]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, dict(response.headers), body
