"""The job that compares the books for whoever asked."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.comparing.runs import finish, keep
from apps.core.events.subscribers import catch_up
from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.core.models import Comparison
from apps.core.reconcile import checks, compare


@job_kind("core.compare_books", label=gettext_lazy("Comparing the books"), permission="inventory.reconcile")
def compare_books(run: Run) -> Result:
    """A check at a time; what was compared before a crash is not compared again."""
    comparison = Comparison.objects.get(key=run.parameters["comparison"])
    every = checks()
    run.expect(len(every))
    catch_up()
    for each in every:
        if run.cursor is not None and each.name <= run.cursor:
            continue
        run.say(str(each.label))
        outcome = compare(each)
        with run.chunk() as chunk:
            kept = keep(comparison, outcome)
            chunk.reached(each.name, done=1, differences=kept.differences)
    with run.chunk():
        finish(comparison)
    return Result(said(comparison), link=comparison.get_absolute_url())


def said(comparison: Comparison) -> str:
    """What came of a comparison, in a sentence."""
    if comparison.differences:
        return ngettext(
            "%(count)s figure differs from its ledger.",
            "%(count)s figures differ from their ledger.",
            comparison.differences,
        ) % {"count": comparison.differences}
    if comparison.behind:
        return _("Equal as far as it could be compared: some figures were not up to date yet.")
    return _("Everything is equal.")
