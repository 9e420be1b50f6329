"""Every page in a made-up language in which each text is between ⟦ and ⟧: what stands outside is nobody's translation."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import translation

from tests.access.pages import PAGES, ROUTES
from tests.access.world import build_world

SPOKEN = ("aria-label", "title", "placeholder", "alt", "aria-description")
SILENT = {"script", "style", "data"}  # data is nobody's words
# Names, and words that are the same in every language: each language by its own name, encodings, keys, an example, an address.
OURS = {"Toonbank", "English", "Nederlands", "iDEAL", "Latin", "UTF", "Windows", "Ctrl", "Enter", "Esc", "WM", "join"}
_WORD = re.compile(r"[^\W\d_]{2,}")


class _Texts(HTMLParser):
    """The texts of a page that somebody sees or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.depth = 0  # a text may have tags in it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SILENT:
            self.inside.append(tag)
        self.found += [value for name in SPOKEN if (value := given.get(name))]
        self.found += [value for name, value in attrs if value and name.startswith("data-") and " " in value]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.found.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside or not data.strip():
            return
        if self.depth == 0 or "⟧" in data:
            self.found.append("⟦" * self.depth + " ".join(data.split()))
        self.depth += data.count("⟦") - data.count("⟧")


def outside_markers(text: str) -> str:
    """What of a text stands between no markers; data that is set into a text stands inside."""
    depth, kept = 0, []
    for letter in text:
        depth += {"⟦": 1, "⟧": -1}.get(letter, 0)
        if depth == 0 and letter != "⟧":
            kept.append(letter)
    return "".join(kept)


def words_of_data() -> set[str]:
    """Every word of a name, code or text that stands in the database; not of what stands there in our words."""
    words = set(OURS)
    for model in apps.get_models():
        texts = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
            and not field.choices
            and field.name not in {"topic", "object_type", "kind", "purpose", "evidence", "state", "source", "table"}
        ]
        for row in model._default_manager.values_list(*texts) if texts else ():
            words.update(word for value in row if value for word in _WORD.findall(str(value)))
    return words


@pytest.fixture
def marker_language(monkeypatch) -> None:
    """Each text of ours in its markers. Plural forms and contexts are told apart as in English."""

    def marked(text: Any) -> str:
        text = str(text)
        return f"⟦{text}⟧" if text.strip() else text

    catalogue = translation._trans
    monkeypatch.setattr(catalogue, "gettext", marked, raising=False)
    monkeypatch.setattr(catalogue, "pgettext", lambda context, text: marked(text), raising=False)
    monkeypatch.setattr(
        catalogue, "ngettext", lambda one, many, number: marked(one if number == 1 else many), raising=False
    )
    monkeypatch.setattr(
        catalogue, "npgettext", lambda context, one, many, number: marked(one if number == 1 else many), raising=False
    )


def pages_of(world: Any, half: int) -> Iterator[tuple[str, str, str]]:
    """What half of the pages say to two who may open them: (route, role, HTML). Whole to one, as a swap to the other."""
    clients = {}
    for role, user in world.staff.items():
        clients[role] = Client(headers={"accept-language": "nl"})
        clients[role].force_login(user)
    for name, page in list(PAGES.items())[half::2]:
        if page.post:
            continue
        roles = sorted(page.roles)[:2]
        for role, headers in [(roles[0], {}), (roles[-1], {"HX-Request": "true"})]:
            answer = clients[role].get("/" + ROUTES[name].filled(world.own(name, role)), headers=headers)
            if "text/html" in answer.get("Content-Type", "") and not answer.streaming:
                yield name, role, answer.content.decode()


def unmarked(html: str, known: set[str]) -> set[str]:
    """The texts of a page with a word outside the markers that is no data."""
    reader = _Texts()
    reader.feed(html)
    return {text for text in reader.found if set(_WORD.findall(outside_markers(text))) - known}


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("half", range(2))
def test_no_page_says_anything_that_cannot_be_translated(marker_language, half):
    # given
    world = build_world()
    # when
    pages = list(pages_of(world, half))
    known = words_of_data()  # afterwards: the world makes some of what a page shows when it is asked for
    found: dict[str, set[str]] = {}
    for name, _role, html in pages:
        for text in unmarked(html, known):
            found.setdefault(text, set()).add(name)
    # then
    assert sum("⟦" in html for _name, _role, html in pages) > 150
    assert not found, "\n".join(f"{text!r}: {', '.join(sorted(names)[:4])}" for text, names in sorted(found.items()))


@pytest.mark.django_db
def test_nor_do_error_pages(marker_language):
    client = Client(headers={"accept-language": "nl"})
    client.force_login(build_world().staff["store_associate"])
    answers = [client.get(path) for path in ("/orders/T00000000000/", "/no/such/page/", "/dashboard/")]
    assert [answer.status_code for answer in answers] == [404, 404, 403]
    assert [unmarked(answer.content.decode(), words_of_data()) for answer in answers] == [set()] * 3


@pytest.mark.django_db
def test_nor_does_the_sign_in_page(marker_language):
    assert unmarked(Client().get("/account/login/").content.decode(), OURS) == set()


def test_a_text_outside_the_markers_is_found():
    assert unmarked("<p>⟦Sum of <a>⟦all⟧</a> lines⟧ here</p>", set()) == {"⟦lines⟧ here"}
    assert unmarked('<p>⟦Order⟧ T123 <a title="Open it">⟦x⟧</a></p>', set()) == {"Open it"}
    assert unmarked("<p>⟦Order ⟦of⟧ Jan⟧ for Jan</p>", {"Jan"}) == {"⟦Order ⟦of⟧ Jan⟧ for Jan"}
    assert unmarked("<p>⟦Order⟧ of Jan</p>", {"Jan", "of"}) == set()
