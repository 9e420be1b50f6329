"""Pages behind links in mails: confirming what somebody ticked, and stopping it. Whoever has the link may; nothing of a
person is shown.

Mail programs open links by themselves, so opening changes nothing; a button does, and for stopping also the request that mail
programs send for their own button (RFC 8058).
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from apps.core.languages import known_locale
from apps.core.retry import in_transaction
from apps.customers.models import Consent, ConsentText, Purpose
from apps.customers.services.confirming import asked_by, confirm, stopping_by
from apps.customers.services.consenting import records_with, standings, withdraw
from apps.portal.pages import PublicPage
from apps.portal.pages.public import digest_of


class ConfirmConsent(PublicPage):
    """Somebody confirms that they want what they ticked, in the language of the mail unless they chose another."""

    template_name = "customers/public/confirm.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = asked_by(kwargs["token"])
        locale = known_locale(asked.locale)
        texts = ConsentText.objects.in_version(purposes=asked.purposes, version=asked.text_version, locale=locale)
        with override(known_locale(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or locale)):
            is_confirmed = asked.confirmed_at is not None
            context = {
                "title": _("Thank you, it is confirmed") if is_confirmed else _("Confirm your choice"),
                "asked": asked,
                "purposes": [Purpose(purpose).label for purpose in asked.purposes],
                "texts": texts,
                "confirmed": is_confirmed,
            }
            page = self.render_to_response(context)
            return page.render() if isinstance(page, TemplateResponse) else page

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        in_transaction(lambda: confirm(kwargs["token"]))
        return redirect(request.path)


@method_decorator(csrf_exempt, name="dispatch")  # the signed link is the proof, and mail programs have no token
class StopConsent(PublicPage):
    """Somebody stops a kind of mail, or everything they once allowed."""

    template_name = "customers/public/stop.html"

    def counted_by(self) -> str:
        # Mail programs press for their readers, many from one address; none of them may be kept from stopping.
        return digest_of(self.request.path)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stopping = stopping_by(kwargs["token"])
        live = [p for p, standing in standings(records_with(stopping.record.pk)).items() if standing.is_live]
        purpose = Purpose(stopping.purpose).label if stopping.purpose in Purpose.values else ""
        is_stopped = stopping.purpose not in live
        stopped_title = _("Stopped: %(purpose)s") % {"purpose": purpose}
        context = {
            "title": stopped_title if is_stopped and purpose else _("Stop this mail?"),
            "purpose": purpose,
            "stopped": is_stopped,
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
