"""Whether a location is open for business, as a state people can read."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.network.models import Location
from apps.portal import formats


def state_of(location: Location) -> tuple[str, str]:
    """The state today as (tone, word)."""
    today = timezone.localdate()
    if location.active_from > today:
        return "wait", _("Opens %(day)s") % {"day": formats.when(location.active_from)}
    if location.active_until is not None and location.active_until < today:
        return "idle", _("Closed %(day)s") % {"day": formats.when(location.active_until)}
    if location.active_until is not None:
        return "wait", _("Closes %(day)s") % {"day": formats.when(location.active_until)}
    return "ok", _("Active")
