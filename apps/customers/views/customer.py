"""The page of a customer."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.customers.models import Consent
from apps.customers.services.consenting import standings
from apps.customers.services.disclosing import disclose
from apps.customers.services.folding import Standing
from apps.customers.services.restricting import is_restricted
from apps.customers.views.timeline import TimelineOf
from apps.portal import formats
from apps.portal.entries import Panel
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
        Action(
            label=gettext_lazy("Correct"),
            route="privacy:correct",
            permission="privacy.register",
            icon="pencil",
        ),
        Action(
            label=gettext_lazy("Hold against erasure"),
            route="privacy:hold",
            permission="privacy.handle",
            icon="lock",
        ),
        Action(
            label=gettext_lazy("Where this comes from"),
            route="customers:where-from",
            permission="customers.join",
            icon="waypoints",
        ),
        Action(
            label=gettext_lazy("Watch"), route="customers:watch", permission="customers.review", icon="eye", asks=True
        ),
    )

    def get_sub(self) -> list[Any]:
        customer, tags = self.object, self.tags
        records, homes = len(self.sight.records), [store for store in self.sight.home_stores.values() if store]
        parts = []
        if tags.shows("customers.since"):
            parts.append(_("Customer since %(day)s") % {"day": formats.day(customer.since)})
        if homes and tags.shows("customers.home_store"):
            parts.append(_("Home store: %(store)s") % {"store": homes[-1]})
        if records > 1 and tags.shows("customers.records"):
            parts.append(ngettext("%(count)s source record", "%(count)s source records", records) % {"count": records})
        return parts

    def get_facts(self) -> list[Fact]:
        tags, known = self.tags, disclose(self.object, self.tags)
        place = formats.postcode(known.place)
        facts = [
            ("customers.email", Fact(_("E-mail address"), known.email or "–")),
            ("customers.phone", Fact(_("Phone"), known.phone or "–")),
            (
                "customers.street" if known.street else "customers.place",
                Fact(_("Address"), known.street or place or "–", note=place if known.street else ""),
            ),
        ]
        return [replace(fact, tag=tags(datum)) for datum, fact in facts if tags.shows(datum)]

    def tag_of_panel(self, panel: Panel) -> str:
        return self.tags(panel.datum) if panel.datum else ""

    def get_consents(self) -> list[tuple[Any, Standing | None]]:
        if not self.tags.shows("customers.consents"):
            return []
        now = standings(self.sight.records)
        return [(label, now.get(purpose)) for purpose, label in Consent.Purpose.choices]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # The timeline comes below what other apps put on the page.
        context["main_panels"] = context.pop("panels")
        return (
            context
            | self.get_timeline_context()
            | {
                "consents": self.get_consents(),
                "grant": self.grant,
                "is_restricted": is_restricted(self.sight.records),
            }
        )
