"""The night's run, by day."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.customers.models import MatchingRun
from apps.customers.resolving.rebuilding import match_all


@job_kind("customers.match", label=gettext_lazy("Matching of all records"), permission="customers.matching")
def match_everybody(run: Run) -> Result:
    """Hold all records against each other. A run that was cut off is begun again and finds done what was done."""
    doing = {
        "reading": _("Reading records"),
        "matching": _("Holding them against each other"),
        "joining": _("Joining and asking"),
        "keys": _("Preparing to recognise newcomers"),
    }
    made = match_all(
        MatchingRun.objects.get(key=run.parameters["run"]),
        step=run.chunk,
        alive=lambda what, done: run.say(f"{doing[what]}: {done}"),
    )
    text = _("%(joined)s joined, %(asked)s for a clerk.") % {"joined": made.joined, "asked": made.asked}
    return Result(text, link=reverse("customers:matching-run", kwargs={"key": made.key}))
