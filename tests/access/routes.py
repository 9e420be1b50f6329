"""All addresses of the portal, read from the URLconf."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver


@dataclass(frozen=True)
class Route:
    """One address: its pattern, its full name, and the view (class) behind it."""

    path: str
    name: str
    view: Any

    @property
    def parameters(self) -> list[str]:
        return [name for _, name in re.findall(r"<(?:(\w+):)?(\w+)>", self.path)]

    def filled(self, values: Mapping[str, Any]) -> str:
        """The path with its parameters filled in; a KeyError names one that is not known."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), self.path)


def routes() -> list[Route]:
    """Every route of the URLconf."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, path, inner)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", pattern.callback))
            yield Route(path, f"{namespace}{pattern.name or path}", view)
