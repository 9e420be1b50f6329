"""What the systems are called that people are known to."""

from apps.network.models import Channel

TILLS = "tills"
DESK = "desk"
LOYALTY = "loyalty"


def source_of(channel: Channel) -> str:
    """The source of people who buy through a channel: all tills are one system, every other channel is its own."""
    return TILLS if channel.kind == Channel.Kind.STORE else channel.code
