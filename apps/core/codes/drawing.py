"""Bar codes to print: drawn as SVG, so that they are sharp on any printer and need neither a file
nor a script. What the bars say stands beside them on the page."""

import io
import re
from functools import lru_cache

import segno
import zxingcpp
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_BY_LENGTH = {8: zxingcpp.BarcodeFormat.EAN8, 13: zxingcpp.BarcodeFormat.EAN13, 14: zxingcpp.BarcodeFormat.ITF14}
_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
_INSIDE = re.compile(r"<g [^>]*>(.*)</g>", re.DOTALL)


@lru_cache(maxsize=4096)
def draw_gtin(digits: str) -> SafeString:
    """The bars of a GTIN as its digits stand on a label (8, 13 or 14 of them); "" for what is no GTIN."""
    kind = _BY_LENGTH.get(len(digits))
    return _draw(digits, kind) if kind is not None else mark_safe("")


@lru_cache(maxsize=4096)
def draw_text(text: str) -> SafeString:
    """A number or SKU as Code 128; "" for what this code cannot say."""
    return _draw(text, zxingcpp.BarcodeFormat.Code128)


def draw_qr(text: str, label: str = "") -> SafeString:
    """A QR code, black on white with the white that a camera needs around it. `label` is what it is called aloud."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, svgclass=None, lineclass=None, omitsize=True, light="#fff")
    inside = drawn.getvalue().decode().strip()
    size, _height = code.symbol_size()
    return format_html(
        '<svg class="qr-code" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" role="img" aria-label="{1}">{2}</svg>',
        size,
        label or text,
        mark_safe(inside[inside.index(">") + 1 : inside.rindex("</svg>")]),  # noqa: S308  (as the library drew it)
    )


def _draw(text: str, kind: zxingcpp.BarcodeFormat) -> SafeString:
    try:
        svg = zxingcpp.create_barcode(text, kind).to_svg()
    except ValueError:
        return mark_safe("")
    size, inside = _SIZE.search(svg), _INSIDE.search(svg)
    assert size is not None and inside is not None, svg[:300]
    # Bars may be as high as there is room for, and keep their own colours in a dark theme: a scanner wants black on white.
    return format_html(
        '<svg class="barcode" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<g fill="#000000">{}</g></svg>',
        size[1],
        size[2],
        text,
        mark_safe(inside[1].strip()),  # noqa: S308  (the bars as the library drew them)
    )
