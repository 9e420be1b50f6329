"""Pages for customers on their own phone: no account, no session, nothing kept in caches, a limit to how often one asks."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from rest_framework.throttling import SimpleRateThrottle

from apps.core.errors import DomainError, LinkGone


def caller_of(request: HttpRequest) -> str:
    """Who asks, as a digest of their address: enough to count by, and no address is kept.

    What a request says of whom it was forwarded for counts only where a proxy of ours wrote it, and of that the last word.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    address = forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
    return digest_of(address)


def digest_of(value: str) -> str:
    """A value to count by that does not say what it was."""
    return salted_hmac("apps.portal.pages.public", value, algorithm="sha256").hexdigest()[:32]


class Limit(SimpleRateThrottle):
    """So many in a time for each of something: `Limit("guess", settings.PUBLIC_GUESS_RATE).lets_through(caller)`."""

    def __init__(self, scope: str, rate: str) -> None:
        self.scope, self.rate = scope, rate
        super().__init__()

    def lets_through(self, ident: str) -> bool:
        """Whether there is room for one more, which this takes."""
        self._ident = ident
        return self.allow_request(None, None)  # type: ignore[arg-type]  # it reads neither

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self._ident}


class PublicPage(TemplateView):
    """A page that anybody may open who has its address. Its template extends `public.html`.

    Who may see what follows from the address alone, which is signed or random: the page never asks who has signed in. It
    is kept in no cache, found by no search engine, and its address goes to nobody else. A DomainError is said on a page.
    """

    said_template: ClassVar[str] = "public_said.html"

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponse]:
        view: Callable[..., HttpResponse] = login_not_required(super().as_view(**initkwargs))
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase
        try:
            if not Limit("public", settings.PUBLIC_RATE).lets_through(self.counted_by()):
                answer = self.say(_("That is a lot at once"), _("Wait a minute and try again."), status=429)
            else:
                answer = super().dispatch(request, *args, **kwargs)
        except DomainError as refusal:
            answer = self.refuse(refusal)
        if "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store, private"
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        patch_vary_headers(answer, ["Accept-Language", "Cookie"])
        return answer

    def counted_by(self) -> str:
        """Of whom requests are counted: a digest."""
        return caller_of(self.request)

    def refuse(self, refusal: DomainError) -> HttpResponseBase:
        """What is said when the domain refuses."""
        title = _("This link no longer works") if isinstance(refusal, LinkGone) else _("This cannot be done")
        return self.say(title, refusal.detail, status=refusal.status)

    def say(self, title: Any, text: Any, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page that says one thing."""
        shown = {"title": title, "text": text, **context}
        return TemplateResponse(self.request, self.said_template, shown, status=status)
