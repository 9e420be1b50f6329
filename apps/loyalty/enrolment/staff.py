"""What staff see of somebody taking a card, and the card of a customer on paper or by mail."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.core.ids import new_id
from apps.core.retry import in_transaction
from apps.customers.models import Customer
from apps.customers.services.reading import current_details, source_records_of
from apps.customers.views.seeing import SeesCustomer, part_of, see_customer
from apps.loyalty.enrolment.inviting import invite, join_link
from apps.loyalty.enrolment.letters import mail_card, shop_of
from apps.loyalty.enrolment.links import stop_links
from apps.loyalty.models import Invitation, LoyaltyAccount
from apps.portal.pages import ActionPage, PlainPage
from apps.portal.store import store_of

WAITING, OPENED, DONE, LAPSED = "waiting", "opened", "done", "lapsed"


class NewCard(PlainPage):
    """A QR code for one customer's own phone. Opening the page again shows the same code until somebody uses it."""

    permission = "loyalty.enrol"
    template_name = "loyalty/new_card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = self._invite()
        return super().get_context_data(**_shown(invitation), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._invite(another=True)
        return HttpResponseRedirect(reverse("loyalty:new-card"))

    def _invite(self, *, another: bool = False) -> Invitation:
        store, user = store_of(self.request), self.request.user
        assert user.is_authenticated
        return in_transaction(lambda: invite(store=store, principal=user, another=another))


class InvitationNews(PlainPage):
    """What became of an invitation, asked for by its page every two seconds until it is used or lapses."""

    permission = "loyalty.enrol"
    template_name = "loyalty/_invitation.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        own = Invitation.objects.filter(invited_by=request.user.pk)
        invitation = get_object_or_404(
            own.select_related("store", "account__source_record__customer"), key=kwargs["key"]
        )
        if not self.is_swap:
            return HttpResponseRedirect(reverse("loyalty:new-card"))
        shown = _shown(invitation)
        if request.GET.get("seen") == shown["state"]:
            return HttpResponse(status=204)  # nothing is swapped
        return self.render_to_response(shown)


def _shown(invitation: Invitation) -> dict[str, Any]:
    account = invitation.account
    state = DONE if account else LAPSED if not invitation.is_open else OPENED if invitation.opened_at else WAITING
    return {
        "invitation": invitation,
        "state": state,
        "link": join_link(invitation) if state in {WAITING, OPENED} else "",
        "typed_at": f"{settings.BASE_URL.partition('://')[2]}{reverse('join:code')}",
        "code": f"{invitation.code[:3]} {invitation.code[3:]}",
        "account": account,
        "customer": account.source_record.customer if account else None,
    }


class CardOfCustomer(PlainPage):
    """A customer's card on paper, for who has no phone."""

    permission = "loyalty.view"
    template_name = "loyalty/card_printed.html"

    @cached_property
    def customer(self) -> Customer:
        sight = see_customer(
            self.visible(Customer), self.kwargs["key"], principal=self.request.user, part=part_of(self.request)
        )
        return sight.customer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = cards_of(self.customer)
        account = held[0] if held else None
        details = current_details([account.source_record_id]).get(account.source_record_id) if account else None
        return super().get_context_data(
            title=_("Card"),
            account=account,
            name=details.first_name if details else "",
            shop=shop_of(account) if account else "",
            back_url=self.customer.get_absolute_url(),
            back_label=str(self.customer),
            **kwargs,
        )


def cards_of(customer: Customer) -> list[LoyaltyAccount]:
    """The cards of a customer, the oldest first."""
    held = LoyaltyAccount.objects.filter(source_record__in=source_records_of(customer))
    return list(held.select_related("source_record__customer", "issued_by").order_by("pk"))


class OneCard(SeesCustomer, ActionPage, abstract=True):
    """Base of acts on the card of a customer."""

    permission = "loyalty.enrol"

    @cached_property
    def account(self) -> LoyaltyAccount:
        held = cards_of(self.object)
        if not held:
            raise Conflict(_("This customer has no card."))
        return held[0]


class MailCard(OneCard):
    """Mail a customer the link to their card."""

    button = gettext_lazy("Mail the card")

    def get_question(self) -> Any:
        return _("Mail %(customer)s their card?") % {"customer": self.object}

    def get_effect(self) -> Any:
        return _("They get a link to their card at their own e-mail address.")

    def act(self) -> Customer:
        if not mail_card(self.account, locale=get_language() or settings.LANGUAGE_CODE, token=str(new_id())):
            raise Conflict(_("No e-mail address of this customer is known."))
        return self.object


class StopCardLinks(OneCard):
    """Stop all links to a customer's card."""

    button = gettext_lazy("Stop the links")
    danger = True

    def get_question(self) -> Any:
        return _("Stop all links to the card of %(customer)s?") % {"customer": self.object}

    def get_effect(self) -> Any:
        return _(
            "Links in earlier mails and on phones no longer open it. The card keeps working; mail it again for a new link."
        )

    def act(self) -> Customer:
        stop_links(account=self.account)
        return self.object
