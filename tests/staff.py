"""People who work somewhere, and what they look at."""

from typing import Any

from django.test import Client

from apps.accounts.models import User


def person(name: str, role: str, **place: Any) -> User:
    """Somebody with a role, in a `location` or for a `legal_entity`."""
    user = User.objects.create_user(f"{name.split()[0].lower()}@example.org", name=name)
    user.assignments.create(role=role, **place)
    return user


def browser(user: User) -> Client:
    """A browser in which somebody has signed in, with English pages."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client
