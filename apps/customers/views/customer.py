"""The page of a customer."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import AccessGrant
from apps.customers.models import Consent
from apps.customers.services.consenting import current_consents
from apps.customers.services.disclosing import disclose
from apps.customers.services.lookup import (
    Purpose,
    grant_in_force,
)
from apps.customers.services.reading import source_records_of
from apps.customers.views.timeline import TimelineOf
from apps.portal import formats
from apps.portal.pages import Action, DetailPage, Fact


class CustomerPage(DetailPage, TimelineOf):
    """Everything about one customer that those who talk to them need."""

    permission = "customers.view"
    template_name = "customers/customer.html"
    back = ("customers:find", gettext_lazy("Find a customer"))
    actions = (
        Action(
            label=gettext_lazy("Change consent"),
            route="customers:consent",
            permission="service.write",
            icon="hand-helping",
        ),
    )

    def get_sub(self) -> list[Any]:
        customer = self.object
        home = customer.source_records.filter(home_location__isnull=False).select_related("home_location")
        records = customer.source_records.count()
        parts = [_("Customer since %(day)s") % {"day": formats.day(customer.since)}]
        parts += [_("Home store: %(store)s") % {"store": r.home_location.name} for r in home.order_by("-pk")[:1]]
        if records > 1:
            parts.append(ngettext("%(count)s source record", "%(count)s source records", records) % {"count": records})
        return parts

    def get_facts(self) -> list[Fact]:
        known = disclose(self.object, self.grant.purpose if self.grant else Purpose.COUNTER)
        place = formats.postcode(known.place)
        return [
            Fact(_("E-mail address"), known.email or "–"),
            Fact(_("Phone"), known.phone or "–"),
            Fact(_("Address"), known.street or place or "–", note=place if known.street else ""),
        ]

    @cached_property
    def grant(self) -> AccessGrant | None:
        """The look-up that opened this page."""
        return grant_in_force(self.object, principal=self.request.user)

    def get_consents(self) -> list[tuple[Any, Consent | None]]:
        now = current_consents(source_records_of(self.object))
        return [(label, now.get(purpose)) for purpose, label in Consent.Purpose.choices]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # The timeline comes below what other apps put on the page.
        context["main_panels"] = context.pop("panels")
        return context | self.get_timeline_context() | {"consents": self.get_consents(), "grant": self.grant}
