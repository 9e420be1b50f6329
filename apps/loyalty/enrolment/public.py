"""What customers see on their own phone: taking a card, and the card."""

import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.core.retry import in_transaction
from apps.customers.models import ConsentText
from apps.customers.services.confirming import answer
from apps.customers.services.consenting import current_consents, record_consent
from apps.customers.services.reading import current_details, source_records_of
from apps.customers.services.verifying import is_verified
from apps.customers.services.wording import words_now
from apps.loyalty.enrolment.enrolling import card_for, enrol
from apps.loyalty.enrolment.forms import CodeForm, JoinForm
from apps.loyalty.enrolment.inviting import invited_by_code, invited_by_link, join_token, note_opened
from apps.loyalty.enrolment.letters import shop_of
from apps.loyalty.enrolment.links import CardLink, card_url, confirming_by, opened_by, stop_links
from apps.loyalty.enrolment.wishes import PURPOSES
from apps.loyalty.models import Invitation, LoyaltyAccount
from apps.loyalty.standing import standings_of
from apps.portal.pages import PublicPage
from apps.portal.pages.public import Limit, caller_of

_DEVICE = "toonbank_join"
_DEVICE_AGE = 3600
_TRIES = "20/h"  # how often one invitation may be filled in


class TypeCode(PublicPage):
    """The code in place of the QR code."""

    template_name = "loyalty/public/code.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": CodeForm(), "title": _("Your card"), **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if not Limit("public-guess", settings.PUBLIC_GUESS_RATE).lets_through(caller_of(request)):
            return self.say(_("That is a lot at once"), _("Wait a minute and try again."), status=429)
        invitation = invited_by_code(form.cleaned_data["code"])
        if invitation is None:
            form.add_error("code", _("This code is not open. Look again, or ask for a new one."))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return HttpResponseRedirect(reverse("join:form", args=[join_token(invitation)]))


class Join(PublicPage):
    """The form behind the QR code. Its phone is known by a cookie, so that pressing twice or going back finds the card."""

    template_name = "loyalty/public/join.html"

    @cached_property
    def invitation(self) -> Invitation:
        return invited_by_link(self.kwargs["token"])

    @cached_property
    def device(self) -> str:
        return self.request.COOKIES.get(_DEVICE, "")[:64] or secrets.token_urlsafe(24)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.invitation.account_id is not None:
            return self._to(card_for(self.invitation, self.device))
        note_opened(self.invitation)
        return self._remembering(self._shown(JoinForm()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Limit("public-join", _TRIES).lets_through(str(self.invitation.key)):
            return self.say(_("That is a lot at once"), _("Ask for a new link in the store."), status=429)
        form = JoinForm(request.POST)
        if not form.is_valid():
            return self._remembering(self._shown(form, status=422))
        account = enrol(
            invitation=self.invitation,
            applicant=form.applicant,
            device=self.device,
            locale=get_language() or settings.LANGUAGE_CODE,
        )
        return self._remembering(self._to(account))

    def _shown(self, form: JoinForm, *, status: int = 200) -> HttpResponse:
        store = self.invitation.store
        context = {"form": form, "title": _("Your card"), "brand": store.name if store else "", "store": store}
        return self.render_to_response(self.get_context_data(**context), status=status)

    def _to(self, account: LoyaltyAccount) -> HttpResponse:
        return HttpResponseRedirect(card_url(account, is_mailed=False))

    def _remembering(self, answer: HttpResponse) -> HttpResponse:
        answer.set_cookie(
            _DEVICE,
            self.device,
            max_age=_DEVICE_AGE,
            path=reverse("join:code"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer


class OfCard(PublicPage):
    """Base of the pages that a link to a card opens."""

    @cached_property
    def link(self) -> CardLink:
        return opened_by(self.kwargs["token"])

    @cached_property
    def account(self) -> LoyaltyAccount:
        return self.link.account

    @cached_property
    def records(self) -> list[int]:
        """Whose points and consents are shown: all of the customer to who has their mailbox, else what this card brought."""
        if self.link.is_mailed:
            return source_records_of(self.account.source_record.customer)
        return [self.account.source_record_id]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = self.account
        details = current_details([account.source_record_id]).get(account.source_record_id)
        standings = standings_of(self.records)
        return super().get_context_data(
            **{
                "title": _("Your card"),
                "brand": shop_of(account),
                "account": account,
                "token": self.kwargs["token"],
                "name": details.first_name if details else "",
                "balance": sum(standing.account.balance for standing in standings),
                "pending": sum(standing.account.pending for standing in standings),
                "as_of": timezone.now(),
                **kwargs,
            }
        )


class Card(OfCard):
    """The card itself, its points, and what its holder allows."""

    template_name = "loyalty/public/card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        details = current_details([self.account.source_record_id]).get(self.account.source_record_id)
        email = details.email if details else ""
        waits = bool(email) and not is_verified(self.account.source_record_id, email) and not self.link.is_mailed
        now = current_consents(self.records)
        _version, words = words_now(PURPOSES, locale=get_language() or "")
        consents = [(p.value, p.label, words.get(p, ""), p.value in now and now[p.value].holds) for p in PURPOSES]
        may_say = self.link.is_mailed or any(given for *_words, given in consents)
        return super().get_context_data(waits=waits, consents=consents if may_say else [], **kwargs)


class Wallet(OfCard):
    """The card alone, to put on the home screen; kept on the phone, so that it opens in a store without reception."""

    template_name = "loyalty/public/wallet.html"


class Manifest(OfCard):
    """What a browser needs to put the card on a home screen: its name, its colours, its start page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wallet = reverse("card:wallet", args=[kwargs["token"]])
        name = shop_of(self.account) or "Toonbank"
        icon = {"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        manifest = {
            "id": wallet,
            "name": _("Card of %(shop)s") % {"shop": name},
            "short_name": name[:24],
            "lang": get_language(),
            "start_url": wallet,
            "scope": wallet,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#8f2453",
            "icons": [icon],
        }
        return JsonResponse(manifest, content_type="application/manifest+json")


class Say(OfCard):
    """Giving or withdrawing consent, one press each. Giving takes a link that was mailed, which is the second opt-in."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        link = self.link  # whoever has none hears that first
        purpose, given = request.POST.get("purpose", ""), request.POST.get("given") == "yes"
        if purpose not in PURPOSES or (given and not link.is_mailed):
            return self.say(_("This cannot be done"), _("Open the link in your mail to say this."), status=400)
        locale = get_language() or ""
        version, _words = words_now(PURPOSES, locale=locale)
        record_consent(
            source_record_id=self.account.source_record_id,
            purpose=purpose,
            given=given,
            text_version=version,
            proof="card page",
            locale=locale,
        )
        return HttpResponseRedirect(reverse("card:card", args=[kwargs["token"]]))


class StopLinks(OfCard):
    """Let all links to the card stop: for a phone that was lost, or a mail that went to somebody else."""

    template_name = "loyalty/public/stop.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stop_links(account=self.account)
        text = _("No link opens this card any more. The card itself works; ask in a store to have it mailed again.")
        return self.say(_("The links are stopped"), text)


class Confirm(PublicPage):
    """The link in the first mail: is this address yours, do you want what was ticked? Opening decides nothing, pressing does.

    Once confirmed, the same link opens the card.
    """

    template_name = "loyalty/public/confirm.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = confirming_by(kwargs["token"])
        if found.asked.confirmed_at is not None:
            return HttpResponseRedirect(card_url(found.account, is_mailed=True))
        texts = ConsentText.objects.in_version(
            purposes=found.asked.purposes, version=found.asked.text_version, locale=found.asked.locale
        )
        context = {"title": _("Is this your card?"), "account": found.account, "wanted": texts}
        return self.render_to_response(self.get_context_data(brand=shop_of(found.account), **context))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = confirming_by(kwargs["token"])
        in_transaction(lambda: answer(found.asked))
        return HttpResponseRedirect(card_url(found.account, is_mailed=True))


class Worker(PublicPage):
    """The script that keeps the wallet page on a phone; it must stand at the top of what it may keep."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        script = (settings.BASE_DIR / "static" / "js" / "wallet-worker.js").read_text(encoding="utf-8")
        return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
