"""Pages that only the tests have: they act on locations, which have no such pages of their own."""

from typing import Any

from django import forms
from django.urls import include, path
from django.utils.translation import ngettext_lazy

from apps.core.errors import Conflict, Fault
from apps.network.models import LegalEntity, Location
from apps.portal.network.views import LocationList
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ManyAction, PanelView


class RenameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=40, help_text="As on the front of the store")
    owner = forms.ModelChoiceField(label="Owner", queryset=LegalEntity.objects.all(), required=False)


def rename(*, location: Location, name: str) -> Location:
    """The service of these pages. Refuses names that are taken; "away" moves the location out of its code."""
    if name == "taken":
        raise Conflict("There is one already", faults=[Fault("taken", "This name is taken", attr="name")])
    if name == "impossible":
        raise Conflict("Not while it snows")
    location.name = name
    location.save()
    return location


class RenamePage(FormPage):
    permission = "network.view"
    model = Location
    lookup = "code"
    form_class = RenameForm
    title = "Rename"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.object.name}

    def perform(self, form: RenameForm) -> Location:
        return rename(location=self.object, name=form.cleaned_data["name"])

    def get_success_message(self, result: Location) -> str:
        return f"Now called {result.name}"


class SwapPage(ActionPage):
    """Gives the location's name to the one whose code is posted, and answers with that one."""

    permission = "network.view"
    model = Location
    lookup = "code"
    button = "Swap"

    def get_question(self) -> str:
        return f"Swap {self.object}?"

    def get_effect(self) -> str:
        return "Two names change"

    def act(self) -> Location:
        other = Location.objects.get(code=self.request.POST["with"])
        rename(location=self.object, name=self.request.POST.get("name", "swapped"))
        return other


def check_dry(location: Location) -> None:
    """The rule of the service that paints."""
    if location.city == "Haarlem":
        raise Conflict("It <rains> in Haarlem")


class PaintPage(ActionPage):
    permission = "network.view"
    model = Location
    lookup = "code"

    def act(self) -> None:
        check_dry(self.object)


class ClosePage(ActionPage):
    """An act that asks why."""

    permission = "network.view"
    model = Location
    lookup = "code"
    asks_reason = True

    def act(self) -> None:
        Location.objects.filter(pk=self.object.pk).update(offers_collect=False)


class FullPage(DetailPage):
    permission = "network.view"
    model = Location
    lookup = "code"
    page_name = "tests.location"
    actions = (
        Action(label="Rename", route="rename", permission="network.view", primary=True),
        Action(label="Swap", route="swap", permission="network.view", asks=True),
        Action(label="Settle", route="swap", permission="payments.view"),
        Action(label="Close", route="swap", permission="network.view", when=lambda location: location.kind == "dc"),
        Action(label="Paint", route="paint", permission="network.view", check=check_dry),
        Action(label="Gild", route="paint", permission="payments.view", check=check_dry),
    )

    def get_facts(self) -> list[Fact]:
        return [Fact("Postcode", self.object.postcode, url="/somewhere/", note="since 2020")]


class NeighboursPanel(PanelView):
    permission = "network.view"
    model = Location
    lookup = "code"
    title = "Neighbours"
    template_name = "shell/_mark.html"


class NetworkFinder(DetailPage):
    permission = "payments.view"
    model = Location
    lookup = "code"


def not_renamed(location: Location, principal: Any) -> str:
    return "a distribution centre keeps its name" if location.kind == "dc" else ""


class ManyLocations(LocationList):
    """The list of locations with acts on many; names that begin with "taken" are refused by the service."""

    page_name = "tests.many"
    many_actions = (
        ManyAction(
            name="rename",
            label="Rename",
            permission="network.view",
            question=ngettext_lazy("Rename %(count)s?", "Rename %(count)s?", "number"),
            effect=lambda rows: f"{len(rows)} names change",
            passes_over=not_renamed,
            act=lambda location, principal: rename(
                location=location, name="taken" if location.name.startswith("taken") else "New"
            ),
        ),
        ManyAction(
            name="close",
            label="Close",
            permission="network.view",
            question=ngettext_lazy("Close %(count)s?", "Close %(count)s?", "number"),
            asks_reason=True,
            act=lambda location, principal: Location.objects.filter(pk=location.pk).update(offers_collect=False),
        ),
        ManyAction(
            name="pay",
            label="Pay",
            permission="payments.view",
            question=ngettext_lazy("%(count)s", "%(count)s", "number"),
            act=lambda row, principal: None,
        ),
    )


urlpatterns = [
    path("t/many/", ManyLocations.as_view(), name="many"),
    path("", include("config.urls")),
    path("t/<slug:code>/", FullPage.as_view(), name="full"),
    path("t/<slug:code>/rename/", RenamePage.as_view(), name="rename"),
    path("t/<slug:code>/close/", ClosePage.as_view(), name="close"),
    path("t/<slug:code>/paint/", PaintPage.as_view(), name="paint"),
    path("t/<slug:code>/swap/", SwapPage.as_view(), name="swap"),
    path("t/<slug:code>/neighbours/", NeighboursPanel.as_view(), name="neighbours"),
    path("t/<slug:code>/payments/", NetworkFinder.as_view(), name="payments-only"),
]
