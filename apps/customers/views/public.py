"""Pages behind links in mails: confirming what somebody ticked, and stopping it. Whoever has the link may; nothing of a
person is shown.

Mail programs open links by themselves, so opening changes nothing; a button does, and for stopping also the request that mail
programs send for their own button (RFC 8058).
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from apps.core.errors import Conflict
from apps.core.languages import known_locale
from apps.core.retry import in_transaction
from apps.customers.models import Consent, ConsentText, Purpose
from apps.customers.services.confirming import asked_by, confirm, stopping_by
from apps.customers.services.consenting import records_with, standings, withdraw


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByLink(TemplateView):
    """A page that a signed link opens. A link that does not work is told so, with status 404."""

    template_name = "customers/public/consent.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except Conflict as refused:
            return self.render_to_response({"refused": refused.detail}, status=404)


class ConfirmConsent(ByLink):
    """Somebody confirms that they want what they ticked."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = asked_by(kwargs["token"])
        locale = known_locale(asked.locale)
        texts = [
            text.text
            for purpose in asked.purposes
            if (text := ConsentText.objects.in_words_of(purpose=purpose, version=asked.text_version, locale=locale))
        ]
        with override(locale):
            context = {
                "asked": asked,
                "purposes": [Purpose(purpose).label for purpose in asked.purposes],
                "texts": texts,
                "confirmed": asked.confirmed_at is not None,
            }
            page = self.render_to_response(context)
            return page.render() if isinstance(page, TemplateResponse) else page

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        in_transaction(lambda: confirm(kwargs["token"]))
        return redirect(request.path)


@method_decorator(csrf_exempt, name="dispatch")  # the signed link is the proof, and mail programs have no token
class StopConsent(ByLink):
    """Somebody stops a kind of mail, or everything they once allowed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stopping = stopping_by(kwargs["token"])
        live = [p for p, standing in standings(records_with(stopping.record.pk)).items() if standing.is_live]
        context = {
            "stopping": stopping,
            "purpose": Purpose(stopping.purpose).label if stopping.purpose in Purpose.values else "",
            "stopped": stopping.purpose not in live,
            "others": [Purpose(purpose).label for purpose in Purpose.values if purpose in live],
        }
        return self.render_to_response(context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stopping = stopping_by(kwargs["token"])
        purposes = list(Purpose.values) if "everything" in request.POST else [stopping.purpose]
        in_transaction(
            lambda: withdraw(
                source_record_id=stopping.record.pk,
                purposes=purposes,
                said=Consent.Said.MAIL,
                proof="unsubscribe link",
            )
        )
        return redirect(request.path)
