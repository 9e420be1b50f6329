import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_fresh_installation_is_alive_and_ready(client: Client) -> None:
    # when
    alive, ready = client.get("/healthz"), client.get("/readyz")

    # then
    assert (alive.status_code, ready.status_code) == (200, 200)
    assert ready.json()["checks"] == {"database": "ok", "broker": "ok", "migrations": "ok"}
