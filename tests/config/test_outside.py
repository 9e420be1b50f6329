import socket
import urllib.request

import pytest

from tests.outside import OutsideWorld


def test_a_test_cannot_reach_another_machine() -> None:
    with pytest.raises(OutsideWorld):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_test_can_reach_its_own_machine(live_server: object) -> None:
    with urllib.request.urlopen(f"{live_server}/healthz") as answer:
        assert answer.status == 200
