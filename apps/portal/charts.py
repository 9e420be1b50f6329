"""Charts drawn on the server: stacked bars as SVG, each in two widths, with all numbers in a table below.

The title of a chart says its conclusion. Series take the chart colours in order (`f1` … `f5`), so there are at most five.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.portal import formats

ZERO = Decimal(0)
MOST_SERIES = 5


@dataclass(frozen=True)
class Series:
    """One part of every bar: its name and a value per bar."""

    name: Any
    values: Sequence[Decimal]


@dataclass(frozen=True)
class Rectangle:
    css: str
    x: str
    y: str
    width: str
    height: str
    url: str = ""


@dataclass(frozen=True)
class Text:
    text: str
    x: str
    y: str
    anchor: str
    css: str = ""


@dataclass(frozen=True)
class Line:
    css: str
    path: str


@dataclass(frozen=True)
class Canvas:
    """The room of a drawing, in SVG units, which are pixels at its full width."""

    css: str
    width: int
    height: int
    most_labels: int
    all_values: bool

    left = 56
    top = 30
    bottom = 26
    right = 8


WIDE = Canvas("wide", 1000, 260, most_labels=14, all_values=True)
NARROW = Canvas("narrow", 328, 230, most_labels=5, all_values=False)


@dataclass(frozen=True)
class BarChart:
    """Stacked bars of amounts.

    `title` is the conclusion, `text` what it rests on, `says` the name of the drawing for those who do not see it.
    `head` is the head of the table's first column; `more` are columns that the table has beyond the series; `urls` lead
    from each bar to its rows.
    """

    title: Any
    text: Any
    says: Any
    head: Any
    labels: Sequence[str]
    series: Sequence[Series]
    more: Sequence[Series] = ()
    total: Any = ""
    urls: Sequence[str] = ()

    def __post_init__(self) -> None:
        if len(self.series) > MOST_SERIES:
            raise ValueError(f"a chart has at most {MOST_SERIES} series")
        if any(len(s.values) != len(self.labels) for s in (*self.series, *self.more)):
            raise ValueError("every series has a value for every bar")
        if self.urls and len(self.urls) != len(self.labels):
            raise ValueError("every bar leads to its rows, or none does")

    @cached_property
    def drawings(self) -> list["Drawing"]:
        return [Drawing(self, WIDE), Drawing(self, NARROW)]

    @property
    def legend(self) -> list[tuple[str, Any]]:
        """Colour and name of each series, the uppermost first."""
        named = [(f"f{n}", series.name) for n, series in enumerate(self.series, start=1)]
        return list(reversed(named)) if len(named) > 1 else []

    @property
    def totals(self) -> list[Decimal]:
        return [sum((series.values[n] for series in self.series), ZERO) for n in range(len(self.labels))]

    @property
    def heads(self) -> list[Any]:
        names = [series.name for series in self.series]
        return [*names, *([self.total] if self.total else []), *(series.name for series in self.more)]

    @property
    def columns(self) -> list[Sequence[Decimal]]:
        """What the table holds: the series, their total where it means something, and what is more."""
        totals = [self.totals] if self.total else []
        return [*(series.values for series in self.series), *totals, *(series.values for series in self.more)]

    @property
    def rows(self) -> list[tuple[str, str, list[str]]]:
        """Label, address of the rows behind it, and figures of each bar, for the table."""
        urls = self.urls or [""] * len(self.labels)
        return [
            (label, urls[n], [formats.amount(column[n]) for column in self.columns])
            for n, label in enumerate(self.labels)
        ]


class Drawing:
    """A chart on one canvas: everything the template needs, as SVG attributes."""

    def __init__(self, chart: BarChart, canvas: Canvas) -> None:
        self.chart, self.canvas = chart, canvas
        ups = [sum((max(s.values[n], ZERO) for s in chart.series), ZERO) for n in range(len(chart.labels))]
        downs = [sum((min(s.values[n], ZERO) for s in chart.series), ZERO) for n in range(len(chart.labels))]
        self.ups, self.downs = ups, downs
        self.ticks = _ticks(min(downs, default=ZERO), max(ups, default=ZERO))
        self.low, self.high = self.ticks[0], self.ticks[-1]

    @property
    def css(self) -> str:
        return self.canvas.css

    @property
    def view_box(self) -> str:
        return f"0 0 {self.canvas.width} {self.canvas.height}"

    @property
    def _right(self) -> int:
        return self.canvas.width - self.canvas.right

    def _y(self, value: Decimal) -> float:
        room = self.canvas.height - self.canvas.top - self.canvas.bottom
        return self.canvas.top + room * float((self.high - value) / (self.high - self.low))

    @property
    def _step(self) -> float:
        return (self._right - self.canvas.left) / max(len(self.chart.labels), 1)

    def _centre(self, n: int) -> float:
        return self.canvas.left + self._step * (n + 0.5)

    @property
    def grid(self) -> list[Line]:
        return [self._line("grid", tick) for tick in self.ticks if tick != 0]

    @property
    def axis(self) -> Line:
        """The line at nought, drawn over the bars."""
        return self._line("axis", ZERO)

    def _line(self, css: str, value: Decimal) -> Line:
        return Line(css, f"M{self.canvas.left} {self._y(value):.1f}H{self._right}")

    @property
    def scale(self) -> list[Text]:
        step = (self.ticks[1] - self.ticks[0]).normalize()
        places = max(0, -int(step.as_tuple().exponent))
        return [
            Text(formats.amount(tick, places), f"{self.canvas.left - 8}", f"{self._y(tick) + 4:.1f}", "end")
            for tick in self.ticks
        ]

    @property
    def bars(self) -> list[Rectangle]:
        width = min(self._step * 0.62, 56)
        bars = []
        for n in range(len(self.chart.labels)):
            up = down = ZERO
            for place, series in enumerate(self.chart.series, start=1):
                value = series.values[n]
                if value == 0:
                    continue
                base = up if value > 0 else down
                top, bottom = self._y(max(base, base + value)), self._y(min(base, base + value))
                x, height = self._centre(n) - width / 2, max(bottom - top, 0.5)
                url = self.chart.urls[n] if self.chart.urls else ""
                at = (f"{x:.1f}", f"{top:.1f}", f"{width:.1f}", f"{height:.1f}")
                bars.append(Rectangle(f"f{place} gap", *at, url))
                up, down = (up + value, down) if value > 0 else (up, down + value)
        return bars

    @property
    def values(self) -> list[Text]:
        """Totals above bars: all of them where there is room, else of the highest and the last."""
        totals = self.chart.totals
        shown = set(range(len(totals)))
        if not self.canvas.all_values or len(totals) > self.canvas.most_labels:
            highest = max(shown, key=lambda n: totals[n], default=0)
            shown = {highest, len(totals) - 1} if abs(highest - (len(totals) - 1)) * self._step > 60 else {highest}
        return [
            Text(
                formats.amount(totals[n], 0),
                f"{self._centre(n):.1f}",
                f"{self._y(self.ups[n]) - 7:.1f}",
                "middle",
                "label",
            )
            for n in sorted(shown)
            if totals and totals[n]
        ]

    @property
    def names(self) -> list[Text]:
        """Labels below the bars, thinned out to what fits, the last bar always named."""
        count = len(self.chart.labels)
        every = -(-count // self.canvas.most_labels) if count else 1
        y = f"{self.canvas.height - 8}"
        return [
            Text(self.chart.labels[n], f"{self._centre(n):.1f}", y, "middle")
            for n in range(count)
            if (count - 1 - n) % every == 0
        ]


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round values from at most `low` to at least `high`, nought among them: two to six of them."""
    span = max(high, ZERO) - min(low, ZERO)
    if span == 0:
        return [ZERO, Decimal(1)]
    rough = span / 4
    magnitude = Decimal(1).scaleb(rough.adjusted())
    step = next(m * magnitude for m in (1, 2, Decimal("2.5"), 5, 10) if m * magnitude >= rough)
    first, last = math.floor(min(low, ZERO) / step), math.ceil(max(high, ZERO) / step)
    return [step * n for n in range(first, last + 1)]
