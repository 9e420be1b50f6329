"""Submitting, approving, having it counted again, withdrawing."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.actors import actor_of
from apps.inventory.forms_counts import ApproveForm, RecountForm
from apps.inventory.models import Count
from apps.inventory.services.counts.closing import approve_count, submit_count
from apps.inventory.services.counts.differing import differences_of, left_of, tallies_of
from apps.inventory.services.counts.recounting import ask_recount, withdraw_count
from apps.inventory.walking import Walk
from apps.portal.pages import ActionPage, FormPage
from apps.portal.pages.acting import Acting


class _Booking(Acting, abstract=True):
    """Books stock: the service has a transaction of its own, which is tried again on contention."""

    def carry_out(self, act: Any) -> Any:
        return act()


class SubmitCount(_Booking, ActionPage):
    """Nobody counts any more; what differs little is booked at once."""

    permission = "inventory.count"
    model = Count
    select_related = ("location",)
    button = gettext_lazy("Submit the count")

    def get_question(self) -> Any:
        return _("Submit count %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        walk = Walk(self.object)
        left = walk.total - walk.done
        if not left:
            return _("All %(total)s products were counted.") % {"total": walk.total}
        told = ngettext(
            "%(left)s of %(total)s products was not counted everywhere. Nothing is assumed of what nobody counted.",
            "%(left)s of %(total)s products were not counted everywhere. Nothing is assumed of what nobody counted.",
            left,
        )
        return told % {"left": left, "total": walk.total}

    def act(self) -> Count:
        return submit_count(count=self.object, actor=actor_of(self.request.user))

    def get_success_message(self, result: Count) -> Any:
        if result.status == Count.Status.CLOSED:
            return _("Count %(number)s differs little and is booked.") % {"number": result.number}
        return _("Count %(number)s waits for approval.") % {"number": result.number}


class ApproveCount(_Booking, FormPage):
    """What was found is booked, with the reason; what nobody counted can be set to nothing, one by one."""

    permission = "inventory.count_approve"
    model = Count
    lookup = "number"
    select_related = ("location",)
    form_class = ApproveForm
    asks_reason = True
    title = gettext_lazy("Approve the count")
    button = gettext_lazy("Book what was counted")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"among": left_of(self.object, tallies_of(self.object)).all}

    def perform(self, form: ApproveForm) -> Count:
        zeroed = [variant.pk for variant in form.cleaned_data.get("variants", ())]
        return approve_count(count=self.object, actor=actor_of(self.request.user), zeroed=zeroed)

    def get_success_message(self, result: Count) -> Any:
        return _("Count %(number)s is booked.") % {"number": result.number}


class Recount(FormPage):
    """Some of it is counted once more. What differs is ticked already."""

    permission = "inventory.count_approve"
    model = Count
    lookup = "number"
    select_related = ("location",)
    form_class = RecountForm
    asks_reason = True
    title = gettext_lazy("Count again")
    button = gettext_lazy("Have it counted again")

    def get_initial(self) -> dict[str, Any]:
        tallies = tallies_of(self.object)
        differing = [v for v, each in differences_of(self.object, tallies).items() if each.quantity]
        return {"round": self.object.round, "variants": differing}

    def get_form_kwargs(self) -> dict[str, Any]:
        tallies = tallies_of(self.object)
        return {"among": [*tallies, *left_of(self.object, tallies).all]}

    def perform(self, form: RecountForm) -> Count:
        given = form.cleaned_data
        return ask_recount(
            count=self.object,
            variant_ids=[variant.pk for variant in given["variants"]],
            seen_round=given["round"],
            actor=actor_of(self.request.user),
        )

    def get_success_message(self, result: Count) -> Any:
        asked = result.items.filter(round=result.round).count()
        told = ngettext("%(count)s product is counted again.", "%(count)s products are counted again.", asked)
        return told % {"count": asked}


class WithdrawCount(ActionPage):
    """Nothing of it is booked."""

    permission = "inventory.count_approve"
    model = Count
    asks_reason = True
    danger = True
    button = gettext_lazy("Withdraw the count")

    def get_question(self) -> Any:
        return _("Withdraw count %(number)s?") % {"number": self.object.number}

    def get_effect(self) -> Any:
        return _("Stock stays as it is. What was counted stays to be read.")

    def act(self) -> Count:
        return withdraw_count(count=self.object, actor=actor_of(self.request.user))

    def get_success_message(self, result: Count) -> Any:
        return _("Count %(number)s is withdrawn.") % {"number": result.number}
