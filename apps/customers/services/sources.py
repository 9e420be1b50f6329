"""What the systems are called that people are known to."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from apps.network.models import Channel

TILLS = "tills"
DESK = "desk"
LOYALTY = "loyalty"


def source_of(channel: Channel) -> str:
    """The source of people who buy through a channel: all tills are one system, every other channel is its own."""
    return TILLS if channel.kind == Channel.Kind.STORE else channel.code


def in_words(sources: Collection[str]) -> dict[str, str]:
    """What systems are called by people: a channel by its name, a system of somebody else's as it was called here."""
    own = {TILLS: _("Tills"), DESK: _("Service desk"), LOYALTY: _("Loyalty programme")}
    channels = dict(Channel.objects.filter(code__in=set(sources) - set(own)).values_list("code", "name"))
    return {source: own.get(source) or channels.get(source, source) for source in sources}
