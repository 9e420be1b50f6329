"""Who did it, for people: the names behind what ledgers and events write as `user:12`."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from apps.accounts.models import ApiClient, User
from apps.core.actors import SYSTEM


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The name of each actor, in at most two queries; an actor nobody knows keeps its code."""
    wanted = set(actors)
    named = {actor: actor for actor in wanted} | {SYSTEM: _("Toonbank")}
    for kind, rows in (("user", User.objects.all()), ("client", ApiClient.objects.all())):
        ids = [int(key) for actor in wanted for k, _colon, key in [actor.partition(":")] if k == kind and key.isdigit()]
        if ids:
            named |= {f"{kind}:{pk}": name for pk, name in rows.filter(pk__in=ids).values_list("pk", "name")}
    return {actor: named[actor] for actor in wanted}
