"""Rule sets: the waterfalls of today, of before, and those being made."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.naming import names_of
from apps.franchise.forms import RuleSetForm
from apps.franchise.models import RuleSet
from apps.franchise.services.publishing import check_publishable, draft_rule_set, publish_rule_set
from apps.franchise.tables import RuleSetTable
from apps.portal import formats
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, FormPage, ListPage

VIEW, MAKE = "franchise.view", "franchise.rules"


class RuleSets(ListPage):
    permission = VIEW
    model = RuleSet
    table_class = RuleSetTable
    ordering = ("-valid_from",)
    actions = (
        Action(
            label=gettext_lazy("Draft rules"), route="franchise:draft-rules", permission=MAKE, icon="plus", primary=True
        ),
    )
    empty_text = gettext_lazy("Until rules are published, online revenue is credited to nobody.")
    empty_icon = "route"


class RuleSetPage(DetailPage):
    """A waterfall in words, and since when it holds."""

    permission = VIEW
    model = RuleSet
    lookup = "version"
    template_name = "franchise/rule_set.html"
    back = ("franchise:rule-sets", gettext_lazy("Rule sets"))
    actions = (
        Action(
            label=gettext_lazy("Publish rules"),
            route="franchise:publish-rules",
            permission=MAKE,
            icon="check",
            primary=True,
            asks=True,
            check=lambda draft: check_publishable(draft, list(RuleSet.objects.published().exclude(pk=draft.pk))),
        ),
    )

    def get_status(self) -> tuple[str, Any]:
        rules, today = self.object, timezone.localdate()
        if not rules.is_published:
            return "wait", _("Draft")
        if rules.valid_from > today:
            return "wait", _("In force from %(day)s") % {"day": formats.day(rules.valid_from)}
        later = self.visible(RuleSet).filter(
            published_at__isnull=False, valid_from__gt=rules.valid_from, valid_from__lte=today
        )
        return ("idle", _("Replaced")) if later.exists() else ("ok", _("In force"))

    def get_facts(self) -> list[Fact]:
        rules = self.object
        facts = [
            Fact(_("Version"), rules.version),
            Fact(_("In force from"), formats.day(rules.valid_from)),
        ]
        if rules.is_published:
            facts += [
                Fact(
                    _("Published"),
                    formats.when(rules.published_at),
                    note=names_of([rules.published_by])[rules.published_by],
                ),
                Fact(
                    _("Credited by it"),
                    _("See the order lines"),
                    url=f"{reverse('franchise:lines')}?rules={rules.version}",
                ),
            ]
        return facts


class PublishRules(ActionPage):
    permission = MAKE
    model = RuleSet
    lookup = "version"
    button = gettext_lazy("Publish")

    def get_question(self) -> str:
        return _("Publish %(rules)s?") % {"rules": self.object}

    def get_effect(self) -> str:
        return _(
            "Online orders placed from %(day)s on are credited by it. Published rules can never be changed, only followed "
            "by others."
        ) % {"day": formats.day(self.object.valid_from)}

    def act(self) -> RuleSet:
        return publish_rule_set(rule_set=self.object, principal=self.request.user)

    def get_success_message(self, result: RuleSet) -> str:
        return _("%(rules)s is published.") % {"rules": result}


class DraftRules(FormPage):
    permission = MAKE
    model = RuleSet
    form_class = RuleSetForm
    title = gettext_lazy("Draft rules")
    button = gettext_lazy("Save draft")
    back = ("franchise:rule-sets", gettext_lazy("Rule sets"))

    def perform(self, form: RuleSetForm) -> RuleSet:
        given = form.cleaned_data
        return draft_rule_set(
            version=given["version"],
            name=given["name"],
            waterfall=form.waterfall,
            valid_from=given["valid_from"],
        )

    def get_success_message(self, result: RuleSet) -> str:
        return _("%(rules)s is saved as a draft. Nobody is judged by it until it is published.") % {"rules": result}
