"""Every page of the portal in a browser, as one of those who may open it: what axe and the eye of a ruler find."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Error, Page

from apps.accounts.models import User
from apps.accounts.roles import Role
from tests.access.pages import PAGES, ROUTES
from tests.access.world import World
from tests.journeys.measuring import measured


def visits(world: World, roles: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(route, role, path) of each page for each of the roles that may open it."""
    for name, page in PAGES.items():
        if page.post:
            continue
        for role in roles:
            if role in page.roles:
                yield name, role, _path(world, name, role)


def once_each(world: World) -> list[tuple[str, str, str]]:
    """Each page once, as one of its roles, the roles taken in turn."""
    found = []
    order = list(Role)
    for turn, (name, page) in enumerate(PAGES.items()):
        turned = order[turn % len(order) :] + order[: turn % len(order)]
        role = next((role for role in turned if role in page.roles), None)
        if role is not None and not page.post:
            found.append((name, role, _path(world, name, role)))
    return found


def _path(world: World, name: str, role: str) -> str:
    return "/" + ROUTES[name].filled(world.own(name, role))


def screen(browser: Browser, address: str, *, width: int, theme: str) -> Page:
    """A browser in which nobody has signed in yet."""
    context = browser.new_context(
        bypass_csp=True,  # axe styles what it measures
        base_url=address,
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 800},
        has_touch=width < 800,
    )
    return context.new_page()


def sign_in(page: Page, address: str, user: User, *, language: str) -> None:
    """From now on the browser is somebody's. What it has fetched for another it need not fetch again."""
    client = Client()
    client.force_login(user)
    cookies: dict[str, Any] = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])


def faults(page: Page, path: str, width: int) -> list[str]:
    """What is wrong with a page; nothing for what is a file or a part of a page."""
    try:
        answer = page.goto(path)
    except Error as error:
        if "Download is starting" in str(error):
            return []
        raise
    if answer is None or answer.status >= 500:
        return [f"{path}: {answer.status if answer else 'no answer'}"]
    if page.locator("main").count() == 0:
        return []
    result = measured(page)
    found = [f"{path}\n{result.generate_report()}"] if result.violations_count else []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{path} is wider than {width} px")
    return found
