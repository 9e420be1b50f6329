"""Pages of the communication policy: its versions, writing one, and reading what it says."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.customers.discretion import Tags
from apps.customers.services.lookup import Purpose
from apps.portal import formats
from apps.portal.access import may
from apps.portal.discretion import Datum
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ListPage, ObjectPage, Preset
from apps.portal.registry import contributed
from apps.service.guidance.cards import card_of, topics_from
from apps.service.guidance.choosing import Conversation
from apps.service.guidance.forms import ConversationForm, DatumForm, DraftForm, PolicyForm, RuleForm, initial_of
from apps.service.guidance.models import GuidanceRule, Policy
from apps.service.guidance.policies import policy_in_force, tags_of_policy
from apps.service.guidance.states import NOBODY, known_states
from apps.service.guidance.tables import PolicyTable
from apps.service.guidance.trying import MOST, try_out
from apps.service.guidance.wording import STAFF_AND_SHOPS, data_with_tags, reasons_of, rules_by_state
from apps.service.guidance.writing import (
    change_policy,
    check_is_draft,
    check_publishable,
    discard_draft,
    draft_policy,
    drop_rule,
    publish_policy,
    put_rule,
    put_tags,
)
from apps.service.models import ContactMoment
from apps.service.tree import TopicTree

VIEW, MAKE = "service.view", "service.guidance"
_RAIL = "guidance:policies"


class Policies(ListPage):
    """Every version, the newest first."""

    permission = VIEW
    model = Policy
    table_class = PolicyTable
    ordering = ("-number",)
    views = (Preset("all", gettext_lazy("All")),)
    title = gettext_lazy("What staff may say")
    actions = (
        Action(
            label=gettext_lazy("Draft the next version"),
            route="guidance:draft",
            permission=MAKE,
            icon="plus",
            primary=True,
        ),
    )
    empty_title = gettext_lazy("Nothing was written down yet")
    empty_text = gettext_lazy("Write rules for what staff say, ask and leave out. They show beside every conversation.")
    empty_icon = "message-square-text"


def _status(policy: Policy) -> tuple[str, Any]:
    if not policy.is_published:
        return "wait", _("Draft")
    if policy.valid_from > timezone.localdate():
        return "wait", _("In force from %(day)s") % {"day": formats.day(policy.valid_from)}
    return ("ok", _("In force")) if policy_in_force() == policy else ("idle", _("Replaced"))


class OfPolicy(ObjectPage, abstract=True):
    """About one version."""

    rail = _RAIL
    permission = MAKE
    model = Policy
    lookup = "number"


class PolicyPage(DetailPage):
    """The rules of a version by what holds of the customer, and what the words mean."""

    rail = _RAIL
    permission = VIEW
    model = Policy
    lookup = "number"
    audited_as = "policy"
    template_name = "service/guidance/policy.html"
    back = ("guidance:policies", gettext_lazy("What staff may say"))
    actions = (
        Action(label=gettext_lazy("Read as staff"), route="guidance:preview", permission=VIEW, icon="eye"),
        Action(label=gettext_lazy("Tags of data"), route="guidance:data", permission=VIEW, icon="tags"),
        Action(label=gettext_lazy("Try it out"), route="guidance:try", permission=MAKE, icon="flask-conical"),
        Action(
            label=gettext_lazy("Day and meaning"),
            route="guidance:change",
            permission=MAKE,
            icon="pencil",
            when=lambda policy: not policy.is_published,
        ),
        Action(
            label=gettext_lazy("Throw away"),
            route="guidance:discard",
            permission=MAKE,
            icon="trash-2",
            asks=True,
            when=lambda policy: not policy.is_published,
        ),
        Action(
            label=gettext_lazy("Publish"),
            route="guidance:publish",
            permission=MAKE,
            icon="check",
            primary=True,
            asks=True,
            check=check_publishable,
            when=lambda policy: not policy.is_published,
        ),
    )

    def get_status(self) -> tuple[str, Any]:
        return _status(self.object)

    def get_sub(self) -> list[Any]:
        return [self.object.note] if self.object.note else []

    def get_facts(self) -> list[Fact]:
        policy = self.object
        facts = [Fact(_("Valid from"), formats.day(policy.valid_from))]
        if policy.is_published:
            by = names_of([policy.published_by]).get(policy.published_by, "")
            facts.append(Fact(_("Published"), formats.when(policy.published_at), note=by))
        days = _("%(days)s days")
        return [
            *facts,
            Fact(_("New"), days % {"days": policy.new_days}, note=_("after the first purchase")),
            Fact(_("Bought nothing for long"), days % {"days": policy.lapsed_days}, note=_("after the last purchase")),
            Fact(_("Open complaint"), days % {"days": policy.complaint_days}, note=_("or until somebody got in touch")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = list(self.object.rules.select_related("topic"))
        changed = [each for each in data_with_tags(tags_of_policy(self.object)) if each.changed]
        return super().get_context_data(
            rules=rules,
            groups=rules_by_state(rules),
            may_write=not self.object.is_published and may(self.request.user, MAKE),
            changed_data=changed,
            **kwargs,
        )


class DraftPolicy(FormPage):
    """The next version; it begins with the rules and tags of the newest one."""

    rail = _RAIL
    permission = MAKE
    model = Policy
    lookup = "number"
    form_class = DraftForm
    title = gettext_lazy("Draft the next version")
    button = gettext_lazy("Begin the draft")
    back = ("guidance:policies", gettext_lazy("What staff may say"))

    def perform(self, form: DraftForm) -> Policy:
        return draft_policy(**form.cleaned_data)

    def get_success_message(self, result: Policy) -> str:
        return _("%(version)s is a draft. Nobody sees it until it is published.") % {"version": result}


class ChangePolicy(OfPolicy, FormPage):
    """From when a draft holds, and what its words mean."""

    form_class = PolicyForm
    title = gettext_lazy("Day and meaning")

    def get_initial(self) -> dict[str, Any]:
        names = ("note", "valid_from", "new_days", "lapsed_days", "complaint_days")
        return {name: getattr(self.object, name) for name in names}

    def perform(self, form: PolicyForm) -> Policy:
        return change_policy(policy=self.object, **form.cleaned_data)

    def get_success_message(self, result: Policy) -> str:
        return _("%(version)s is kept.") % {"version": result}


class AddRule(OfPolicy, FormPage):
    form_class = RuleForm
    template_name = "service/guidance/rule.html"
    title = gettext_lazy("Add a rule")

    def perform(self, form: RuleForm) -> Policy:
        put_rule(policy=self.object, **form.values)
        policy: Policy = self.object
        return policy

    def get_success_message(self, result: Policy) -> str:
        return _("The rule is kept.")


class OfRule(OfPolicy, abstract=True):
    """One rule of a version, by its position."""

    @cached_property
    def rule(self) -> GuidanceRule:
        return get_object_or_404(GuidanceRule, policy=self.object, position=self.kwargs["position"])


class ChangeRule(OfRule, FormPage):
    form_class = RuleForm
    template_name = "service/guidance/rule.html"

    def get_title(self) -> Any:
        return self.rule.name

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.rule)

    def perform(self, form: RuleForm) -> Policy:
        put_rule(policy=self.object, position=self.rule.position, **form.values)
        policy: Policy = self.object
        return policy

    def get_success_message(self, result: Policy) -> str:
        return _("The rule is kept.")


class DropRule(OfRule, ActionPage):
    button = gettext_lazy("Take out")
    danger = True

    def get_question(self) -> str:
        return _("Take out %(rule)s?") % {"rule": self.rule}

    def act(self) -> None:
        drop_rule(rule=self.rule)


class PublishPolicy(OfPolicy, ActionPage):
    button = gettext_lazy("Publish")

    def get_question(self) -> str:
        return _("Publish %(version)s?") % {"version": self.object}

    def get_effect(self) -> str:
        return _(
            "From %(day)s on staff see these rules and tags in every store and at the desk. A published version never "
            "changes; it can only be followed by another."
        ) % {"day": formats.day(self.object.valid_from)}

    def act(self) -> Policy:
        return publish_policy(policy=self.object, principal=self.request.user)

    def get_success_message(self, result: Policy) -> str:
        return _("%(version)s is published.") % {"version": result}


class DiscardPolicy(OfPolicy, ActionPage):
    button = gettext_lazy("Throw away")
    danger = True

    def get_question(self) -> str:
        return _("Throw the draft of %(version)s away?") % {"version": self.object}

    def get_effect(self) -> str:
        return _("What was published stays as it is.")

    def act(self) -> Policy:
        policy: Policy = self.object
        discard_draft(policy=policy)
        return policy

    def still_sees(self, row: Any) -> bool:
        return True  # it is gone, which is what was asked

    def get_success_url(self, result: Any) -> str:
        return reverse("guidance:policies")

    def get_success_message(self, result: Any) -> str:
        return _("The draft is gone.")


class Preview(OfPolicy):
    """What somebody sees in a conversation of a kind, and why."""

    permission = VIEW
    template_name = "service/guidance/preview.html"

    def get_title(self) -> Any:
        return _("%(version)s, read as staff") % {"version": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ConversationForm(self.request.GET or {"state": [NOBODY]})
        asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {"state": [], "channel": "", "topic": ""}
        order = [each.name for each in known_states() if each.name in asked["state"]]
        topics = topics_from(asked["topic"], TopicTree.read()) if asked["topic"] else ()
        conversation = Conversation(states=tuple(order), channel=asked["channel"], topics=topics)
        card = card_of(self.object, conversation)
        return super().get_context_data(
            form=form,
            card=card,
            reasons=reasons_of(card),
            back_url=self.get_object_url(),
            back_label=str(self.object),
            **kwargs,
        )


class TryPolicy(OfPolicy):
    """Which conversations of late would have had another card than by the version in force."""

    template_name = "service/guidance/try.html"

    def get_title(self) -> Any:
        return _("Try %(version)s out") % {"version": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_force = policy_in_force()
        if in_force == self.object:
            in_force = Policy.objects.published().filter(number__lt=self.object.number).first()
        tried = try_out(policy=self.object, against=in_force, moments=self.visible(ContactMoment))
        return super().get_context_data(
            tried=tried,
            against=in_force,
            most=MOST,
            back_url=self.get_object_url(),
            back_label=str(self.object),
            **kwargs,
        )


class DataPage(OfPolicy):
    """Every datum that can stand on a customer's page, with how much of it may be said."""

    permission = VIEW
    template_name = "service/guidance/data.html"

    def get_title(self) -> Any:
        return _("Tags of data")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            data=data_with_tags(tags_of_policy(self.object)),
            purposes=[purpose.label for purpose in STAFF_AND_SHOPS],
            may_write=not self.object.is_published and may(self.request.user, MAKE),
            status=_status(self.object),
            back_url=self.get_object_url(),
            back_label=str(self.object),
            **kwargs,
        )


class ChangeDatum(OfPolicy, FormPage):
    """How much of one datum may be said, by purpose and by role."""

    form_class = DatumForm
    template_name = "service/guidance/datum.html"

    @cached_property
    def datum(self) -> Datum:
        try:
            return contributed.datum_called(self.kwargs["datum"])
        except KeyError:
            raise Http404 from None

    def get_title(self) -> Any:
        return self.datum.label

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"proposed": {purpose: Tags(purpose=purpose, rules=())(self.datum.name) for purpose in Purpose}}

    def get_initial(self) -> dict[str, Any]:
        own = self.object.data.filter(datum=self.datum.name)
        return {f"role_{rule.role}" if rule.role else f"purpose_{rule.purpose}": rule.tag for rule in own}

    def get_object_url(self) -> str:
        return reverse("guidance:data", kwargs={"number": self.object.number})

    def get_success_url(self, result: Any) -> str:
        return self.get_object_url()

    def perform(self, form: DatumForm) -> Policy:
        policy: Policy = self.object
        check_is_draft(policy)
        put_tags(policy=policy, datum=self.datum.name, tags=form.tags)
        return policy

    def get_success_message(self, result: Policy) -> str:
        return _("The tag of %(datum)s is kept.") % {"datum": self.datum.label}
