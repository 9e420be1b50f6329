"""Lucide's icons as they stand in a page: 16 px, stroke 1.5, hidden from assistive technology."""

import io
from functools import cache, lru_cache
from importlib.resources import files
from xml.etree import ElementTree
from zipfile import ZipFile

from django.utils.safestring import SafeString, mark_safe

_NAMESPACE = "http://www.w3.org/2000/svg"
_LOOK = {"width": "16", "height": "16", "stroke-width": "1.5", "aria-hidden": "true"}


@lru_cache(maxsize=512)
def draw(name: str, classes: str) -> SafeString:
    """An icon as SVG; a KeyError names one that there is not."""
    svg = ElementTree.fromstring(_drawings().read(f"{name}.svg"))  # noqa: S314  the package's own file
    for part in svg.iter():
        part.tag = part.tag.removeprefix(f"{{{_NAMESPACE}}}")  # in a page it needs none
    svg.attrib |= _LOOK | {"class": classes}
    return mark_safe(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S308  likewise


@cache
def _drawings() -> ZipFile:
    """All 1 700 of them, found once: the package's own tags look through all of them anew for each."""
    return ZipFile(io.BytesIO((files("lucide") / "lucide.zip").read_bytes()))
