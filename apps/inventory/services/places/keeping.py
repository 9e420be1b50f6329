"""The places of a location: which there are, and of which kind."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.bulk import insert_rows
from apps.core.errors import Fault, InvalidInput
from apps.inventory.models import Place
from apps.network.models import Location

MOST = 500
_LONGEST = 16


@transaction.atomic
def keep_places(*, location: Location, codes: Sequence[str], kind: str, name: str = "") -> list[str]:
    """Let a location have places with these codes, all of this kind; those it has already get the kind, and the name if any.

    Returns their codes as they are spelled. Doing it again changes nothing. What lies on them stays there.
    """
    if kind not in Place.Kind.values:
        raise InvalidInput(_("Choose what kind of place it is."), code="kind")
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    for code in wanted:
        if len(code) > _LONGEST or any(sign.isspace() or sign in "/?#" for sign in code):
            detail = _("%(code)s is no code for a place: at most %(most)s signs, without spaces.")
            said = detail % {"code": code, "most": _LONGEST}
            raise InvalidInput(said, faults=[Fault("code", said, "codes")])
    if not wanted or len(wanted) > MOST:
        said = _("Name the places: at least one, at most %(most)s.") % {"most": MOST}
        raise InvalidInput(said, faults=[Fault("codes", said, "codes")])
    known = {code.upper(): code for code in Place.objects.filter(location=location).values_list("code", flat=True)}
    spelled = [known.get(code, code) for code in wanted]
    rows = [(location.pk, code, name, kind) for code in spelled if code not in known.values()]
    insert_rows(Place, ("location", "code", "name", "kind"), rows, on_conflict="DO NOTHING")
    there = Place.objects.filter(location=location, code__in=spelled)
    there.update(kind=kind, **({"name": name} if name else {}))
    return spelled
