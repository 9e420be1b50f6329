"""Work on stock that takes longer than a page."""

from django.utils.translation import gettext_lazy, ngettext

from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.inventory.models import StockLevel
from apps.inventory.services.keeping import write_safety


@job_kind("inventory.safety", label=gettext_lazy("Safety stock"), permission="inventory.keep")
def write_safety_everywhere(run: Run) -> Result:
    """Write on every stock level what the rules say now."""
    run.expect(StockLevel.objects.saleable().count())
    while True:
        with run.chunk() as chunk:
            last, read, changed = write_safety(after=run.cursor or 0)
            if not read:
                break
            chunk.reached(last, done=read, changed=changed)
    changed = run.counts.get("changed", 0)
    said = ngettext("Safety stock changed at %(count)s place.", "Safety stock changed at %(count)s places.", changed)
    return Result(said % {"count": changed})
