"""The timeline on a customer's page: narrowed, in parts, and opened at one event."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.customers.views.seeing import SeesCustomer
from apps.portal.contributions import Moment, Through
from apps.portal.timeline import TimelinePage, kinds_of, read_moment, read_timeline, spelled

BY_ITSELF = 5
"""How many older parts come by themselves when one reads on; then one asks, so that the end of the page can be reached."""


@dataclass(frozen=True)
class Choice:
    """A way to narrow the timeline: the page's address for it, and that of the part which is swapped in."""

    label: Any
    url: str
    swap_url: str
    current: bool


class TimelineOf(SeesCustomer, abstract=True):
    """Reads the timeline of a customer: its newest part, one that an address leads to, or one around an event.

    `?kind=` and `?through=` narrow it; what is none of them is passed over. `?event=` is the place of one entry.
    """

    permission = "customers.view"

    @cached_property
    def kinds(self) -> list[tuple[str, Any]]:
        return kinds_of(self.request.user, tag_of=self.tags)

    @cached_property
    def asked(self) -> dict[str, str]:
        """What the timeline is narrowed by."""
        kind, through = self.request.GET.get("kind", ""), self.request.GET.get("through", "")
        known = {"kind": kind if kind in dict(self.kinds) else "", "through": through if through in Through else ""}
        return {name: value for name, value in known.items() if value}

    def _place(self, name: str) -> Moment | None:
        return read_moment(self.request.GET.get(name, ""))

    @cached_property
    def timeline(self) -> TimelinePage:
        return read_timeline(
            principal=self.request.user,
            source_record_ids=self.sight.records,
            before=self._place("before"),
            after=self._place("after"),
            around=self._place("event"),
            kind=self.asked.get("kind", ""),
            through=self.asked.get("through", ""),
            tag_of=self.tags,
        )

    @cached_property
    def _paths(self) -> tuple[str, str]:
        """Where the page is, and where its parts are."""
        return self.object.get_absolute_url(), reverse("customers:timeline", kwargs={"key": self.object.key})

    def _page(self, **parameters: str) -> str:
        return self.with_list(_address(self._paths[0], parameters)) + "#timeline"

    def _part(self, **parameters: str) -> str:
        return self.with_list(_address(self._paths[1], parameters))

    def _choices(self, name: str, anything: Any, choices: list[tuple[str, Any]]) -> list[Choice]:
        others = {key: value for key, value in self.asked.items() if key != name}
        return [
            Choice(label, self._page(**others | added), self._part(**others | added), self.asked.get(name, "") == value)
            for value, label in [("", anything), *choices]
            for added in [{name: value} if value else {}]
        ]

    def get_timeline_context(self) -> dict[str, Any]:
        timeline, event = self.timeline, self._place("event")
        part = int(n) if (n := self.request.GET.get("part", "")).isascii() and n.isdigit() and len(n) < 4 else 0
        older = newer = ""
        if timeline.before:
            older = self._part(**self.asked, before=spelled(timeline.before), part=str(part + 1))
        if timeline.after:
            newer = self._part(**self.asked, after=spelled(timeline.after))
        return {
            "timeline": timeline,
            "older_url": older,
            "newer_url": newer,
            "newest_url": self._page(**self.asked) if event or self._place("after") else "",
            "comes_by_itself": part < BY_ITSELF,
            "is_part": "before" in self.request.GET or "after" in self.request.GET,
            "is_narrowed": bool(self.asked),
            "all_url": self._page(),
            "all_swap_url": self._part(),
            "kinds": self._choices("kind", _("All"), self.kinds) if len(self.kinds) > 1 else [],
            "channels": self._choices("through", _("All channels"), list(Through.choices)),
            "entry_url": self._page(event="")[: -len("#timeline")],
            "event_key": event[1] if event else "",
        }


def _address(path: str, parameters: dict[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


class CustomerTimeline(TimelineOf):
    """A part of the timeline; a page of its own where scripts do not run."""

    permission = "customers.view"
    template_name = "customers/timeline.html"

    def get_template_names(self) -> list[str]:
        if not self.is_swap:
            return [self.template_name]
        is_part = "before" in self.request.GET or "after" in self.request.GET
        return ["customers/_timeline_part.html" if is_part else "customers/_timeline.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.get_timeline_context()
