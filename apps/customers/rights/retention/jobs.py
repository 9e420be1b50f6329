"""Counting what a term would come to in the background; for a large table that takes minutes."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.errors import InvalidInput
from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.customers.rights.retention.deciding import try_out
from apps.customers.rights.retention.rules import rule_called


@job_kind("privacy.try_term", label=gettext_lazy("Trying a term out"), permission="privacy.handle", whole=True)
def try_term(run: Run) -> Result:
    """Count what a term would come to. Raises InvalidInput for a rule that is not there any more."""
    rule = rule_called(run.parameters["rule"])
    if rule is None:
        raise InvalidInput(_("This rule is not there any more."))
    trial = try_out(rule=rule, months=run.parameters["months"], principal=run.principal)
    text = ngettext("%(n)s row would be let go of.", "%(n)s rows would be let go of.", trial.rows)
    return Result(text % {"n": trial.rows}, link=reverse("privacy:retention-rule", kwargs={"code": rule.code}))
