"""Finding the customer one is talking to."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from apps.core.actors import actor_of
from apps.core.errors import InvalidInput
from apps.customers.forms import FindForm
from apps.customers.models import Customer
from apps.customers.review.noting import note_look_up
from apps.customers.services.disclosing import hint
from apps.customers.services.lookup import (
    MOST_CANDIDATES,
    Candidate,
    find_people,
    open_customer,
    purpose_of,
)
from apps.customers.throttles import StaffLookupThrottle, network_of
from apps.portal.pages import PlainPage

_CHOICE = "customers.choice"
_CHOICE_AGE = 600  # seconds in which one of several people must be chosen


class FindCustomer(PlainPage):
    """Find the customer one is talking to, by what they say or show. It is posted: it never shows in an address or a log."""

    permission = "customers.lookup"
    template_name = "customers/find.html"
    source = ""  # through what one came here, where that is not the page

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.look_up(FindForm(request.POST))

    def look_up(self, form: FindForm) -> HttpResponse:
        """Open whom the form means, let choose between several, or say why there is nobody."""
        if not form.is_valid():
            return self.answer(form, status=422)
        purpose = purpose_of(self.request.user)
        if not StaffLookupThrottle.lets_through(self.request, purpose=purpose, source=self.source):
            return self.answer(form, status=429, said=_("That is a lot of look-ups. Wait a minute."))
        try:
            people = self.find(form.attempts)
        except InvalidInput as refusal:
            for fault in refusal.faults:
                name = (fault.attr or "").rpartition(".")[2]
                form.add_error(name if name in form.fields else None, fault.detail)
            return self.answer(form, status=422)
        if len(people) == 1:
            return self.open(people[0], form.attempts)
        self.note(form.attempts, "ambiguous" if people else "none")
        if len(people) > MOST_CANDIDATES:
            return self.answer(form, said=_("Many customers have this. Ask for something else as well."))
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

    def open_choice(self, choice: str) -> HttpResponse:
        """Open one of several people, whom this member of staff was offered a moment ago."""
        try:
            chosen = signing.loads(choice, salt=_CHOICE, max_age=_CHOICE_AGE)
        except signing.BadSignature:
            return self.find_again(_("This choice is no longer open. Look the customer up again."))
        customer = Customer.objects.meant_by(chosen["customer"]).first()
        if customer is None or chosen["by"] != actor_of(self.request.user):
            raise Http404
        return self.open(Candidate(customer, chosen["record"], chosen["evidence"], proven=False))

    def find_again(self, said: str) -> HttpResponse:
        """The empty form, and why nobody was opened."""
        return self.answer(FindForm(), said=said, status=422)

    @transaction.atomic
    def open(self, person: Candidate, attempts: Sequence[dict[str, str]] = ()) -> HttpResponse:
        principal = self.request.user
        grant = open_customer(candidate=person, purpose=purpose_of(principal), principal=principal)
        self.note(attempts, "one", customer_key=person.customer.key, grant_key=grant.key)
        return HttpResponseRedirect(self.opened_url(person.customer))

    def opened_url(self, customer: Customer) -> str:
        return str(customer.get_absolute_url())

    def note(self, attempts: Sequence[dict[str, str]], outcome: str, **found: Any) -> None:
        note_look_up(
            principal=self.request.user,
            given=attempts[0] if attempts else {"choice": "1"},
            outcome=outcome,
            purpose=purpose_of(self.request.user),
            source=self.source,
            network=network_of(self.request),
            **found,
        )

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
        return self.open_choice(request.POST.get("choice", ""))
