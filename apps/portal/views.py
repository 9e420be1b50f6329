"""The portal's own pages: today, search, and a person's preferences."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.services import allow_single_keys
from apps.core.codes.reading import read_code
from apps.portal.entries import UNKNOWN, ScanAct
from apps.portal.pages import SIGNED_IN, ChartFile, PageAccess, PlainPage
from apps.portal.palette import entries_for
from apps.portal.registry import contributed
from apps.portal.searching import Findings, find
from apps.portal.shell import THEME_COOKIE, THEMES, in_rail
from apps.portal.store import choose_store
from apps.portal.work.showing import figures as work_figures
from apps.portal.work.showing import to_do

LONGEST_CODE = 200
HIT_LISTS = ("search-hits", "palette-hits")
YEAR = 365 * 86400


class Today(ChartFile, PlainPage):
    """What waits for you and how things stand."""

    permission = SIGNED_IN
    template_name = "portal/today.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            figures=[*work_figures(contributed, self.request.user), *contributed.figures_for(self.request.user)],
            list=to_do(contributed, self.request.user),
            chart=contributed.chart_for(self.request.user),
            **kwargs,
        )


class Search(PlainPage):
    """Everything the person may see, by name, number or code. A full number or code opens its object at once.

    What somebody types is posted, for it may be a customer's: it shows in no address and no log. Results while they type
    (a swap) read only; a look-up happens when it is asked for. Found rows have an address of their own, to come back to.
    """

    permission = SIGNED_IN
    template_name = "portal/search.html"
    swap_template = "portal/_hits.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._shown(self._find(request.GET.get("q", "")))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self._find(request.POST.get("q", ""))
        if self.is_swap:
            return self.response_class(request, [self.swap_template], {"found": found, "list_id": self._list_id()})
        nothing_else = not found.has_rows and all(act.gives_way for act, _url in self._acts(found))
        if not found.exact and (nothing_else or "look_up" in request.POST):
            asked = False
            for source in found.asking:
                if request.POST.get("look_up", source.kind) == source.kind and source.look_up:
                    answer = source.look_up(request, found.text)
                    if answer is not None:
                        return answer
                    asked = True
            if asked:
                messages.warning(request, _("Nothing here goes by “%(text)s”.") % {"text": found.text})
        if found.exact or not found.has_rows or found.asking:
            return self._shown(found)
        return HttpResponseRedirect(f"{reverse('portal:search')}?{urlencode({'q': found.text})}")

    def _find(self, text: str) -> Findings:
        return find(contributed, self.request.user, text.replace("\x00", "").strip()[:LONGEST_CODE])

    def _shown(self, found: Findings) -> HttpResponse:
        if found.exact:
            return HttpResponseRedirect(found.exact.url)
        kinds = [source.label for source in contributed.search_for(self.request.user)]
        return self.render_to_response({"found": found, "kinds": kinds, "acts": self._acts(found)})

    def _acts(self, found: Findings) -> list[tuple[ScanAct, str]]:
        """What can be done with a code that is nobody's."""
        return [] if found.has_rows else contributed.acts_on(UNKNOWN, read_code(found.text), self.request.user)

    def _list_id(self) -> str:
        """The list that the hits go into: two of them may be on a page, with ids of their own."""
        wanted = self.request.headers.get("HX-Target", "")
        return wanted if wanted in HIT_LISTS else HIT_LISTS[0]


class Palette(PlainPage):
    """What the palette offers on the page that asks for it. Without a script there is none: the rail has the same pages."""

    permission = SIGNED_IN
    template_name = "portal/_palette.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.is_swap:
            return HttpResponseRedirect(reverse("portal:search"))
        behind = request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]  # its middleware adds it
        return self.render_to_response({"groups": entries_for(request, behind), "behind": behind})


class Keyboard(PlainPage):
    """The shortcuts there are, and whether single keys do anything for this person."""

    permission = SIGNED_IN
    template_name = "portal/keyboard.html"
    dialog_template = "portal/_keyboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = [entry for entry in in_rail(self.request.user) if entry.key]
        return super().get_context_data(pages=pages, **kwargs)

    def get_template_names(self) -> list[str]:
        return [self.dialog_template if self.is_swap else self.template_name]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allow_single_keys(user=request.user, allowed=request.POST.get("single_keys") == "on")
        return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Back to the page the preference was set on, if that is one of ours."""
    here = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(here, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(here if safe else reverse("portal:today"))


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or what the device says; kept in a cookie, so that the first byte of a page is right."""
    response = _back(request)
    if (theme := request.POST.get("theme")) in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language of the pages, kept in a cookie."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
        )
    return response


class ChooseStore(PageAccess):
    """Work in another of one's stores."""

    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if store := choose_store(request, request.POST.get("store", "")):
            messages.success(request, _("You now work in %(store)s.") % {"store": store})
        return HttpResponseRedirect(reverse("portal:today"))
