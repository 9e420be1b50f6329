"""A location under the scanner: the code on its door, or on a parcel for it."""

from apps.network.models import Location
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned


def match_location(scanned: Scanned) -> ScanMatch | None:
    """The code of a location within reach leads to its page."""
    location = Location.objects.visible_to(scanned.principal).filter(code=scanned.code.upper()).first()
    if location is None:
        return None
    return ScanMatch(
        answer=lambda: ScanAnswer(said=str(location), url=location.get_absolute_url()), about=str(location)
    )
