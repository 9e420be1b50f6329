"""The page of a customer, and the older parts of their timeline."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import AccessGrant
from apps.customers.models import Consent, Customer
from apps.customers.services.consenting import current_consents
from apps.customers.services.disclosing import disclose
from apps.customers.services.lookup import (
    Purpose,
    grant_in_force,
)
from apps.customers.services.reading import source_records_of
from apps.portal import formats
from apps.portal.contributions import Moment
from apps.portal.pages import Action, DetailPage, Fact, ObjectPage
from apps.portal.timeline import TimelinePage, read_timeline


class TimelineOf(ObjectPage, abstract=True):
    """Reads the timeline of a customer, from the newest or from where an earlier page ended."""

    permission = "customers.view"
    model = Customer
    lookup = "key"

    def get_timeline(self) -> TimelinePage:
        return read_timeline(
            principal=self.request.user,
            source_record_ids=source_records_of(self.object),
            before=_moment(self.request.GET.get("before", "")),
        )

    def get_timeline_context(self) -> dict[str, Any]:
        timeline = self.get_timeline()
        return {"timeline": timeline, "before": _spelled(timeline.before) if timeline.before else ""}


def _spelled(moment: Moment) -> str:
    return f"{moment[0].isoformat()}~{moment[1]}"


def _moment(text: str) -> Moment | None:
    """Where an earlier page of the timeline ended, as it stands in an address; None for what is no such place."""
    stamp, _tilde, key = text.partition("~")
    try:
        at = parse_datetime(stamp)
    except ValueError:
        return None
    return (at, key.replace("\x00", "")) if at is not None and at.tzinfo is not None else None


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


class CustomerTimeline(TimelineOf):
    """An older part of the timeline; a page of its own where scripts do not run."""

    permission = "customers.view"
    template_name = "customers/timeline.html"
    swap_template = "customers/_timeline.html"

    def get_template_names(self) -> list[str]:
        return [self.swap_template if self.is_swap else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.get_timeline_context()
