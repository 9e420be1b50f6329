"""Pages and the API each have their own middleware: config/surfaces.py."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User


@pytest.fixture
def head_office(db: None) -> User:
    user = User.objects.create_user("ho@example.org", name="Hanna Office")
    user.assignments.create(role="head_office")
    return user


def test_a_session_opens_no_door_of_the_api(head_office: User, django_assert_num_queries: Any) -> None:
    # given somebody who is signed in to the pages
    client = Client()
    client.force_login(head_office)
    assert client.get("/orders/").status_code == 200
    # when their browser asks the API without a key
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/orders/")
    # then it is nobody there, and no cookie is set
    assert (answer.status_code, dict(answer.cookies)) == (401, {})


def test_a_page_keeps_its_guards(head_office: User) -> None:
    # given a browser that checks forms as browsers of people do
    client = Client(enforce_csrf_checks=True)
    # then a page asks who it is, has its policies, and takes no form without its token
    page = client.get("/")
    assert (page.status_code, "Content-Security-Policy" in page, "X-Frame-Options" in page) == (302, True, True)
    client.force_login(head_office)
    assert client.post("/jobs/").status_code == 403
