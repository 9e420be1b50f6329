"""The way to the sign-in page and back, for pages and for swaps whose session has ended."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect, HttpResponseStopPolling


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the sign-in page and, after that, back to the page the person was on.

    A swap is answered with a client redirect: followed as a plain redirect, the sign-in form would land in a table. What
    the page asks by itself (X-Background) leads nowhere, or somebody would lose the form they are filling in.
    """
    if request.headers.get("X-Background"):
        return HttpResponseStopPolling(headers={"HX-Reswap": "none"})
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    page = request.htmx.current_url_abs_path or resolve_url("portal:today")  # type: ignore[attr-defined]  # by its middleware
    return HttpResponseClientRedirect(redirect_to_login(page).url)


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's LoginRequiredMiddleware that also knows swaps. Place it after HtmxMiddleware."""

    def handle_no_permission(  # type: ignore[override]  # a swap gets no redirect
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        return to_sign_in(request)
