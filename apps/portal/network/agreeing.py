"""A franchisee lets orders of others be sent from their stock, or no longer."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.network.agreeing import agree_to_send, consent_today, owner_who_is_asked, withdraw_consent
from apps.network.models import Location
from apps.portal.pages import Action, ActionPage

PERMISSION = "network.consent"

ACTIONS = (
    Action(
        label=gettext_lazy("Withdraw consent"),
        route="network:withdraw-consent",
        permission=PERMISSION,
        asks=True,
        when=lambda location: consent_today(location) is not None,
    ),
    Action(
        label=gettext_lazy("Agree to send orders"),
        route="network:agree",
        permission=PERMISSION,
        icon="handshake",
        asks=True,
        when=lambda location: owner_who_is_asked(location) is not None and consent_today(location) is None,
    ),
)


class Agree(ActionPage):
    permission = PERMISSION
    model = Location
    lookup = "code"
    button = gettext_lazy("Agree")
    asks_reason = True

    def get_question(self) -> str:
        return _("May orders of others be sent from %(location)s?") % {"location": self.object}

    def get_effect(self) -> str:
        owner = owner_who_is_asked(self.object)
        return _("The stock of %(owner)s is promised to customers of the webshop and of other stores from now on.") % {
            "owner": owner or self.object
        }

    def act(self) -> None:
        agree_to_send(location=self.object)

    def get_success_message(self, result: Any) -> str:
        return _("Orders may be sent from %(location)s.") % {"location": self.object}


class Withdraw(ActionPage):
    permission = PERMISSION
    model = Location
    lookup = "code"
    button = gettext_lazy("Withdraw")
    danger = True
    asks_reason = True

    def get_question(self) -> str:
        return _("No longer send orders of others from %(location)s?") % {"location": self.object}

    def get_effect(self) -> str:
        return _("Orders that are promised already are still sent; new ones go elsewhere.")

    def act(self) -> None:
        withdraw_consent(location=self.object)

    def get_success_message(self, result: Any) -> str:
        return _("No new orders are sent from %(location)s.") % {"location": self.object}
