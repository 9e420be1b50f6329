"""Work on stock that takes longer than a page."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.inventory.models import SellThrough, StockLevel
from apps.inventory.services.keeping import write_safety
from apps.inventory.services.selling_through import work_out_sell_through
from apps.inventory.services.transfers.balancing import next_variants, work_out_imbalances


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


@job_kind("inventory.balance", label=gettext_lazy("Working out imbalances"), permission="inventory.balance")
def work_out_anew(run: Run) -> Result:
    """What stores sell a day, then who could send what to whom, some hundred variants at a time."""
    if run.cursor is None:
        run.say(_("What stores sell a day"))
        work_out_sell_through()
    run.expect(SellThrough.objects.values("variant").distinct().count())
    while variant_ids := next_variants(after=run.cursor or 0):
        with run.chunk() as chunk:
            rows = work_out_imbalances(variant_ids=variant_ids)
            chunk.reached(variant_ids[-1], done=len(variant_ids), rows=rows)
    rows = run.counts.get("rows", 0)
    said = ngettext("%(count)s imbalance.", "%(count)s imbalances.", rows) % {"count": rows}
    return Result(said, link=reverse("inventory:imbalances"))
