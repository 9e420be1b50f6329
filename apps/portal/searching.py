"""One text, and everything it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.spelling import faint_likeness, may_hide_a_slip
from apps.portal.contributions import COUNTED, Found, SearchHit
from apps.portal.entries import SearchSource
from apps.portal.registry import Registry

HITS_PER_KIND = 5


@dataclass(frozen=True)
class Group:
    """What was found of one kind, and how to see all of it."""

    source: SearchSource
    hits: Sequence[SearchHit]
    total: int
    more_url: str = ""

    @property
    def more_said(self) -> str:
        """What the link to all of them says."""
        if self.total >= COUNTED:
            return _("All results, %(count)s or more") % {"count": COUNTED}
        return ngettext("All %(count)s result", "All %(count)s results", self.total) % {"count": self.total}

    @property
    def asking(self) -> bool:
        return any(hit.asks for hit in self.hits)


@dataclass(frozen=True)
class Findings:
    """Everything found for a text, kind by kind."""

    text: str
    groups: Sequence[Group] = ()

    @property
    def exact(self) -> SearchHit | None:
        """The one thing whose full number or code the text is."""
        exact = [hit for group in self.groups for hit in group.hits if hit.exact]
        return exact[0] if len(exact) == 1 else None

    @property
    def has_rows(self) -> bool:
        """Whether anything was found that is there, rather than that may be asked for."""
        return any(not hit.asks for group in self.groups for hit in group.hits)

    @property
    def asking(self) -> list[SearchSource]:
        """The sources that can look the text up, if somebody asks them to."""
        return [group.source for group in self.groups if group.asking]

    @property
    def said(self) -> str:
        """How much there is, for who cannot see it."""
        count = sum(group.total for group in self.groups)
        if count >= COUNTED:
            return _("%(count)s results or more") % {"count": COUNTED}
        return (
            ngettext("%(count)s result", "%(count)s results", count) % {"count": count} if count else _("Nothing found")
        )


def find(registry: Registry, principal: Any, text: str) -> Findings:
    """Everything within the principal's reach that the text finds. Nothing is opened and nothing written down."""
    if not text:
        return Findings(text)
    sources = registry.search_for(principal)
    found = [(source, source.finder(principal, text, HITS_PER_KIND)) for source in sources]
    nothing = not any(of_kind.hits for _source, of_kind in found)
    if nothing and may_hide_a_slip(text) and not any(letter.isdigit() for letter in text):
        found = _guessed([source for source in sources if source.guesses], principal, text)
    known = any(hit.exact for _source, of_kind in found for hit in of_kind.hits)
    groups = []
    for source, of_kind in found:
        # A code that is known here is not somebody's card as well.
        hits = [hit for hit in of_kind.hits if not (known and hit.asks)]
        if hits:
            more = of_kind.total > len(of_kind.hits) and source.list_route is not None
            more_url = f"{reverse(source.list_route)}?{urlencode({'q': text})}" if more and source.list_route else ""
            groups.append(Group(source, hits, of_kind.total, more_url))
    return Findings(text, groups)


def _guessed(sources: Sequence[SearchSource], principal: Any, text: str) -> list[tuple[SearchSource, Found]]:
    """What the text is faintly like. A list page does not guess, so guesses do not lead on to it; codes are never guessed."""
    with faint_likeness():
        found = [(source, source.finder(principal, text, HITS_PER_KIND)) for source in sources]
    return [(source, Found(of_kind.hits, len(of_kind.hits))) for source, of_kind in found]
