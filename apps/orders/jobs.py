"""Work on orders that takes longer than a page."""

import datetime as dt

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.kinds import Result, job_kind
from apps.core.jobs.run import Run
from apps.inventory.models import SourcingProfile
from apps.orders.services.dry_runs.replaying import try_out


@job_kind("orders.dry_run", label=gettext_lazy("Dry run of sourcing"), permission="inventory.sourcing", whole=True)
def try_profile_out(run: Run) -> Result:
    """Replay the orders of a period under a profile."""
    asked = run.parameters
    dry_run = try_out(
        profile=SourcingProfile.objects.visible_to(run.principal).get(version=asked["version"]),
        since=dt.date.fromisoformat(asked["since"]),
        until=dt.date.fromisoformat(asked["until"]),
        progress=run.progress,
        expect=run.expect,
    )
    said = _("%(orders)s orders gone through.") % {"orders": formats.number_format(dry_run.orders)}
    return Result(said, link=dry_run.get_absolute_url())
