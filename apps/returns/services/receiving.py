"""Goods that come back arrive: in a store or a distribution centre, not always where they were bought or expected."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.days import business_date
from apps.core.errors import Conflict
from apps.core.events.log import record
from apps.core.retry import retried
from apps.inventory.services.owners import company_of
from apps.network.models import Location
from apps.returns.models import Return, ReturnStatus
from apps.returns.services.happening import happened_to


class WrongState(Conflict):
    """The return is not at this step."""

    code = "wrong_state"


def lock_return(rma: Return) -> Return:
    """The return as it is now, locked: steps of one return follow one another."""
    return (
        Return.objects.select_for_update(of=("self",), no_key=True).select_related("channel", "location").get(pk=rma.pk)
    )


@retried
@transaction.atomic
def receive_return(*, rma: Return, location: Location, occurred_at: dt.datetime) -> Return:
    """Note that the goods are at `location`. Doing it again there changes nothing; elsewhere it is refused."""
    rma = lock_return(rma)
    if rma.status == ReturnStatus.WITHDRAWN:
        raise WrongState(
            _("Return %(number)s was withdrawn; what is here can be announced again.") % {"number": rma.number}
        )
    if rma.status != ReturnStatus.ANNOUNCED:
        if rma.location_id == location.pk:
            return rma
        raise WrongState(_("Return %(number)s was already received elsewhere.") % {"number": rma.number})
    arrive(rma, location, occurred_at)
    return rma


def arrive(rma: Return, location: Location, occurred_at: dt.datetime) -> None:
    """Move a locked, announced return to `location`. Refuses a place that nobody owns that day."""
    company_of(location.pk, day=business_date(occurred_at, location.time_zone))
    rma.location = location
    rma.status = ReturnStatus.RECEIVED
    rma.received_at = occurred_at
    rma.save(update_fields=["location", "status", "received_at"])
    record(happened_to(rma, "return.received", occurred_at))
