import pytest
from django.test import Client


@pytest.mark.parametrize(("length", "status"), [(8 * 1024 * 1024 + 1, 413), (1000, 404)])
def test_an_api_body_that_is_too_large_is_refused_in_the_shape_of_the_api(
    client: Client, length: int, status: int
) -> None:
    # when
    answer = client.post("/api/v1/nowhere/", data=b"x" * length, content_type="application/json")

    # then
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["type"] == "client_error"


def test_an_api_body_of_unknown_length_is_refused(client: Client) -> None:
    # when
    answer = client.generic("POST", "/api/v1/nowhere/", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")

    # then
    assert answer.status_code == 411
    assert answer.json()["errors"][0]["code"] == "length_required"
