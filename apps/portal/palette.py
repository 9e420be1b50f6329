"""What the palette offers: acts on the page behind it, what one looked at, pages, and one's own switches.

Everything comes from what the pages themselves declare, and is allowed by the same permissions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from apps.portal.access import may
from apps.portal.entries import Section
from apps.portal.models import Visit
from apps.portal.pages import DetailPage, ListPage
from apps.portal.pages.actions import BoundAction, bind
from apps.portal.registry import contributed
from apps.portal.shell import THEMES, in_rail
from apps.portal.store import store_of, stores_of

_THEME_NAMES = {
    "light": (gettext_lazy("Light appearance"), "sun"),
    "dark": (gettext_lazy("Dark appearance"), "moon"),
    "auto": (gettext_lazy("Appearance as the device says"), "monitor"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something to go to (`url`), or a switch to press (`field` and `value`, posted to the form `form`)."""

    title: Any
    icon: str
    meta: Any = ""
    url: str = ""
    key: str = ""
    asks: bool = False
    form: str = ""
    field: str = ""
    value: str = ""


@dataclass(frozen=True)
class Entries:
    name: str
    label: Any
    entries: list[Entry]


def entries_for(request: HttpRequest, behind: str) -> list[Entries]:
    """All entries for who asks, on the page with the address `behind`; groups without any are left out."""
    here = urlsplit(behind).path
    groups = [
        Entries("acts", _("On this page"), [_act(bound) for bound in acts_on(request, here)]),
        Entries("recent", _("Seen just now"), list(seen_lately(request, besides=here))),
        Entries("pages", _("To a page"), pages(request)),
        Entries("switches", _("Own settings"), switches(request)),
    ]
    return [group for group in groups if group.entries]


def acts_on(request: HttpRequest, path: str) -> list[BoundAction]:
    """The acts that the page at `path` offers this person now."""
    match = _matched(path)
    page: Any = _page(request, match) if match else None
    if isinstance(page, ListPage):
        return bind(page.get_actions(), request.user)
    if isinstance(page, DetailPage):
        try:
            return [bound for bound in page.get_bound_actions() if not bound.why_not]
        except Http404:
            return []
    return []


def seen_lately(request: HttpRequest, *, besides: str) -> Iterable[Entry]:
    """The objects somebody looked at last, newest first, as far as they may still see them; one query for each kind."""
    icons = {entry.route: entry.icon for entry in contributed.navigation_for(request.user)}
    matches = {address: _matched(address) for address in Visit.newest(request.user) if address != besides}
    by_view: dict[Any, dict[str, str]] = {}
    for address, match in matches.items():
        if match and _is_detail(match):
            view = match.func.view_class  # type: ignore[attr-defined]  # as_view gives it
            by_view.setdefault(view, {})[str(match.kwargs[view.lookup])] = address
    found: dict[str, Entry] = {}
    for view, wanted in by_view.items():
        if not may(request.user, view.permission):
            continue
        page = view()
        page.setup(request)
        for row in page.get_queryset().filter(**{f"{view.lookup}__in": list(wanted)}):
            address = wanted[str(getattr(row, view.lookup))]
            page.object = row
            found[address] = Entry(
                title=page.get_title(),
                url=address,
                icon=icons.get(view.back[0] if view.back else "", "file-text"),
                meta=view.model._meta.verbose_name.capitalize(),
            )
    return [found[address] for address in matches if address in found]


def pages(request: HttpRequest) -> list[Entry]:
    """The pages of the rail, with the keys that lead there, and those of one's own account."""
    found = [
        Entry(
            title=entry.label,
            icon=entry.icon,
            meta=Section(entry.section).label,
            url=entry.url,
            key=entry.key and f"g {entry.key}",
        )
        for entry in in_rail(request.user)
    ]
    own = _("Own settings")
    return [
        *found,
        Entry(title=_("Keyboard shortcuts"), icon="keyboard", meta=own, url=reverse("portal:keyboard"), key="?"),
        Entry(title=_("Change password"), icon="key-round", meta=own, url=reverse("account_change_password")),
        Entry(title=_("Signing in safely"), icon="shield-check", meta=own, url=reverse("mfa_index")),
    ]


def switches(request: HttpRequest) -> list[Entry]:
    """To another store, language or appearance."""
    here, language = store_of(request), get_language()
    stores = [
        Entry(
            title=_("Work in %(store)s") % {"store": store},
            icon="store",
            form="palette-store",
            field="store",
            value=store.code,
        )
        for store in stores_of(request)
        if store != here
    ]
    languages = [
        Entry(
            title=get_language_info(code)["name_local"].capitalize(),
            icon="languages",
            form="palette-language",
            field="language",
            value=code,
        )
        for code, _name in settings.LANGUAGES
        if code != language
    ]
    themes = [
        Entry(
            title=_THEME_NAMES[theme][0], icon=_THEME_NAMES[theme][1], form="palette-theme", field="theme", value=theme
        )
        for theme in THEMES
    ]
    return [*stores, *languages, *themes]


def _act(bound: BoundAction) -> Entry:
    action = bound.action
    return Entry(title=action.label, icon=action.icon or "arrow-right", url=bound.url, asks=action.asks)


def _matched(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _is_detail(match: ResolverMatch) -> bool:
    view = getattr(match.func, "view_class", None)
    return view is not None and issubclass(view, DetailPage)


def _page(request: HttpRequest, match: ResolverMatch) -> Any:
    """The page behind an address, if it is one of the kit's and the person may open it."""
    view = getattr(match.func, "view_class", None)
    if view is None or not issubclass(view, (ListPage, DetailPage)) or not may(request.user, view.permission):
        return None
    page = view()
    page.setup(request, *match.args, **match.kwargs)
    return page
