"""Where a customer's picture comes from, and the acts on it: joining two customers, and taking one apart."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.errors import Conflict
from apps.customers.discretion import Tags
from apps.customers.forms import PartForm
from apps.customers.models import Basis, Customer
from apps.customers.services.belongings import belongings_of
from apps.customers.services.contradicting import contradictions, said
from apps.customers.services.disclosing import disclose, veil
from apps.customers.services.joining import join, survivor
from apps.customers.services.lookup import Candidate
from apps.customers.services.parting import part
from apps.customers.services.provenance import origins, stories
from apps.customers.services.reading import source_records_of
from apps.customers.views.finding import FindCustomer
from apps.customers.views.seeing import SeesCustomer, Sight, name_for, part_of, see_customer
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, FormPage

FIELDS = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"),
}


def shown(customer: Customer, tags: Tags) -> dict[str, str]:
    """The fields of a customer as words, blank where they are hidden."""
    known = disclose(customer, tags)
    name = customer.name if tags.shows("customers.name") else ""
    address = ", ".join(part for part in (known.street, formats.postcode(known.place)) if part)
    return {"name": name, "email": known.email, "phone": known.phone, "address": address}


class WhereFrom(SeesCustomer, DetailPage):
    """Where each field comes from and since when, the records behind it, and how they came together."""

    permission = "customers.join"
    page_name = "customers.where_from"
    template_name = "customers/where_from.html"
    actions = (
        Action(
            label=gettext_lazy("Join with another customer"),
            route="customers:join",
            permission="customers.join",
            icon="merge",
        ),
        Action(
            label=gettext_lazy("Take apart"),
            route="customers:part",
            permission="customers.join",
            icon="split",
            when=lambda customer: customer.source_records.count() > 1,
        ),
    )

    def get_title(self) -> Any:
        return _("Where this comes from")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        words, behind = shown(self.object, self.tags), origins(self.object)
        fields = [(label, words[name], behind.get(name)) for name, label in FIELDS.items() if words[name]]
        return context | {
            "fields": fields,
            "stories": veil(stories(self.object), self.tags),
            "merged": self.object.merged.count(),
            "back_url": self.object.get_absolute_url(),
            "back_label": name_for(self.object, self.tags),
        }


class TakeApart(SeesCustomer, FormPage):
    """Take records of a customer away from the others. Nothing is lost: what happened follows its own record."""

    permission = "customers.join"
    form_class = PartForm
    title = gettext_lazy("Take apart")
    button = gettext_lazy("Take apart")
    asks_reason = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"stories": veil(stories(self.object), self.tags)}

    def perform(self, form: PartForm) -> Customer:
        part(
            source_record_ids=form.cleaned_data["records"],
            seen=form.cleaned_data["seen"],
            never=form.cleaned_data["never"],
            actor=actor_of(self.request.user),
            reason=form.cleaned_data["reason"],
        )
        return self.object

    def still_sees(self, row: Any) -> bool:
        return True  # the one that stays may be the other one, which was opened with it until now

    def get_success_url(self, result: Customer) -> str:
        return reverse("customers:find") if not super().still_sees(result) else str(result.get_absolute_url())

    def get_success_message(self, result: Customer) -> Any:
        return _("Taken apart. Orders, points and contact moments went with their own records.")


class JoinCustomer(FindCustomer):
    """Find the other customer, by what they give. It is a look-up like any other."""

    permission = "customers.join"
    template_name = "customers/find_other.html"

    @cached_property
    def sight(self) -> Sight:
        return see_customer(
            self.visible(Customer), self.kwargs["key"], principal=self.request.user, part=part_of(self.request)
        )

    @property
    def one(self) -> Customer:
        return self.sight.customer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.one  # noqa: B018  (404 before anything is shown)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.one  # noqa: B018  (404 before anything is looked up)
        if "choice" in request.POST:
            return self.open_choice(request.POST["choice"])
        return super().post(request, *args, **kwargs)

    def open(self, person: Candidate, attempts: Sequence[dict[str, str]] = ()) -> HttpResponse:
        if person.customer == self.one:
            self.note(attempts, "one", customer_key=person.customer.key)
            return self.find_again(_("This is the same customer. Look up the other one."))
        return super().open(person, attempts)

    def opened_url(self, customer: Customer) -> str:
        return reverse("customers:join-with", kwargs={"key": self.one.key, "other": customer.key})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        name = name_for(self.one, self.sight.tags)
        return context | {
            "object": self.one,
            "name": name,
            "here": reverse("customers:join", kwargs={"key": self.one.key}),
        }


class JoinWith(SeesCustomer, ActionPage):
    """Two customers side by side, what would come together, and what speaks against it."""

    permission = "customers.join"
    template_name = "customers/join_with.html"
    button = gettext_lazy("Join")
    asks_reason = True

    @cached_property
    def other_sight(self) -> Sight:
        return see_customer(
            self.visible(Customer), self.kwargs["other"], principal=self.request.user, part=part_of(self.request)
        )

    @property
    def other(self) -> Customer:
        return self.other_sight.customer

    @property
    def both(self) -> list[tuple[Customer, Tags]]:
        """The two, each with what may be seen of them."""
        return [(self.object, self.tags), (self.other, self.other_sight.tags)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.other == self.object:  # joined meanwhile
            return HttpResponseRedirect(self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_question(self) -> Any:
        one, other = (name_for(customer, tags) for customer, tags in self.both)
        return _("Join %(one)s and %(other)s?") % {"one": one, "other": other}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = [shown(customer, tags) for customer, tags in self.both]
        here, there = (source_records_of(customer) for customer, _tags in self.both)
        rows = [(label, *(word[name] for word in words)) for name, label in FIELDS.items()]
        return super().get_context_data(**kwargs) | {
            "sides": [(name_for(customer, tags), customer.since) for customer, tags in self.both],
            "rows": rows,
            "counts": belongings_of(here, there),
            "against": [said(code) for code in contradictions(here, there)],
        }

    def act(self) -> Customer:
        here, there = (min(source_records_of(customer)) for customer in (self.object, self.other))
        reason = self.request.POST.get("reason", "")[:200]
        joined = join(here, there, basis=Basis.BY_HAND, actor=actor_of(self.request.user), reason=reason)
        if not joined.moves:
            raise Conflict(_("These are one customer already."))
        return survivor(joined)

    def get_success_url(self, result: Customer) -> str:
        return str(result.get_absolute_url())

    def get_success_message(self, result: Customer) -> Any:
        return _("Joined. Orders, points and contact moments of both stand together.")
