"""Finding a customer, and the customer's page."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.models import AccessGrant
from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.customers.forms import ConsentForm, FindForm
from apps.customers.models import Consent, Customer
from apps.customers.services.consenting import current_consents, record_consent
from apps.customers.services.disclosing import disclose, hint
from apps.customers.services.lookup import (
    MOST_CANDIDATES,
    Candidate,
    Purpose,
    find_people,
    grant_in_force,
    open_customer,
    purpose_of,
)
from apps.customers.services.reading import source_records_of
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.throttles import StaffLookupThrottle
from apps.portal import formats
from apps.portal.contributions import Moment
from apps.portal.pages import Action, DetailPage, Fact, FormPage, ObjectPage, PlainPage
from apps.portal.store import store_of
from apps.portal.timeline import TimelinePage, read_timeline

SPOKEN = "spoken-2026-11"  # the text that staff read out
_CHOICE = "customers.choice"
_CHOICE_AGE = 600  # seconds in which one of several people must be chosen


class FindCustomer(PlainPage):
    """Find the customer one is talking to, by what they say or show. It is posted: it never shows in an address or a log."""

    permission = "customers.lookup"
    template_name = "customers/find.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.look_up(FindForm(request.POST))

    def look_up(self, form: FindForm) -> HttpResponse:
        """Open whom the form means, let choose between several, or say why there is nobody."""
        if not form.is_valid():
            return self.answer(form, status=422)
        if not StaffLookupThrottle.lets_through(self.request):
            return self.answer(form, status=429, said=_("That is a lot of look-ups. Wait a minute."))
        try:
            people = self.find(form.attempts)
        except InvalidInput as refusal:
            for fault in refusal.faults:
                name = (fault.attr or "").rpartition(".")[2]
                form.add_error(name if name in form.fields else None, fault.detail)
            return self.answer(form, status=422)
        if len(people) == 1:
            return self.open(people[0])
        if len(people) > MOST_CANDIDATES:
            said = _("%(count)s customers have this. Ask for something else as well.") % {"count": len(people)}
            return self.answer(form, said=said)
        if not people:
            return self.answer(form, said=_("Nobody is known by this. Check it, or ask for something else."))
        return self.answer(form, choices=[(hint(person.customer), self.choice(person)) for person in people])

    def find(self, attempts: Sequence[dict[str, str]]) -> list[Candidate]:
        found = (find_people(identifiers, principal=self.request.user) for identifiers in attempts)
        return next((people for people in found if people), [])

    def choice(self, person: Candidate) -> str:
        """A person as the choice of this member of staff, for whom alone and for a short time it can be opened."""
        named = {
            "by": actor_of(self.request.user),
            "customer": str(person.customer.key),
            "record": person.source_record_id,
            "evidence": person.evidence,
        }
        return signing.dumps(named, salt=_CHOICE)

    def open(self, person: Candidate) -> HttpResponse:
        principal = self.request.user
        open_customer(candidate=person, purpose=purpose_of(principal), principal=principal)
        return HttpResponseRedirect(person.customer.get_absolute_url())

    def answer(self, form: FindForm, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", FindForm())
        form = context["form"]
        return context | {
            "precise": [form[name] for name in form.fields if name != "identifier"],
            "is_precise": any(form[name].errors or form[name].value() for name in form.fields if name != "identifier"),
            "purpose": purpose_of(self.request.user).label,
        }


class ChooseCustomer(FindCustomer):
    """One of several people who may be meant."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            chosen = signing.loads(request.POST.get("choice", ""), salt=_CHOICE, max_age=_CHOICE_AGE)
        except signing.BadSignature:
            said = _("This choice is no longer open. Look the customer up again.")
            return self.answer(FindForm(), said=said, status=422)
        customer = Customer.objects.filter(key=chosen["customer"]).first()
        if customer is None or chosen["by"] != actor_of(request.user):
            raise Http404
        return self.open(Candidate(customer, chosen["record"], chosen["evidence"], proven=False))


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


class ChangeConsent(FormPage):
    """Write down what a customer says about newsletters and offers."""

    permission = "service.write"
    model = Customer
    lookup = "key"
    form_class = ConsentForm
    title = gettext_lazy("Change consent")

    def get_initial(self) -> dict[str, Any]:
        return {"given": "no"}

    def perform(self, form: ConsentForm) -> Customer:
        store = store_of(self.request)
        record_consent(
            source_record_id=record_for(self.object, source=DESK).pk,
            purpose=form.cleaned_data["purpose"],
            given=form.cleaned_data["given"],
            text_version=SPOKEN,
            proof=f"store {store.code}" if store else "service desk",
        )
        return self.object

    def get_success_message(self, result: Customer) -> Any:
        return _("Written down for %(customer)s.") % {"customer": result}
