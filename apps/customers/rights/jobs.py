"""Erasing in the background: one transaction, which also writes that the job is done. Killed halfway, nothing happened, and
the next try does all of it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.customers.models import Customer, PrivacyRequest, PrivacyStep
from apps.customers.rights.erasing import erase
from apps.customers.rights.handling import check_identified, note_step


@job_kind("customers.erase", label=gettext_lazy("Erasure"), permission="privacy.handle", whole=True)
def erase_as_asked(run: Run) -> Result:
    """Forget whoever asked it. Raises Conflict while something of theirs is not finished."""
    request = PrivacyRequest.objects.select_for_update().get(number=run.parameters["request"])
    check_identified(request)
    erased = erase(customer=Customer.objects.get(source_records=request.source_record_id), principal=run.principal)
    note_step(request, PrivacyStep.Kind.ERASED, principal=run.principal)
    return Result(
        _("%(number)s: erased. %(rows)s rows name nobody any more.")
        % {"number": request.number, "rows": sum(erased.rows.values())},
        data=dict(erased.rows),
        link=request.get_absolute_url(),
    )
