"""Rules by which head office changes what the apps proposed. Where they are kept is for an app above to say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.portal.discretion import Tag


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """The tag of a datum; with a role for those who hold it, with a purpose for look-ups with that purpose."""

    datum: str
    tag: Tag
    role: str = ""
    purpose: str = ""


Reader = Callable[[], Sequence[TagRule]]
_reader: list[Reader] = []


def rules_from(reader: Reader) -> None:
    """Let an app above say which rules are in force now. There is one such app."""
    if _reader and _reader[0] is not reader:
        raise ValueError("tags are ruled from two places")
    _reader[:] = [reader]


def rules_in_force() -> Sequence[TagRule]:
    return _reader[0]() if _reader else ()
