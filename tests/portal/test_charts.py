from decimal import Decimal

import pytest
from django.utils import translation
from django_cotton import render_component

from apps.portal.charts import NARROW, WIDE, BarChart, Drawing, Series, _ticks


def chart(*series: list[str], labels: list[str] | None = None, **more) -> BarChart:
    return BarChart(
        title="Collecting carries it",
        text="Every week is higher.",
        says="Net revenue by week",
        head="Week",
        labels=labels or [f"wk {n}" for n in range(1, len(series[0]) + 1)],
        series=[Series(f"Series {n}", [Decimal(v) for v in values]) for n, values in enumerate(series, start=1)],
        **more,
    )


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("0", "11900", ["0", "5000", "10000", "15000"]),
        ("-3", "10", ["-5", "0", "5", "10"]),
        ("0", "0.07", ["0", "0.02", "0.04", "0.06", "0.08"]),
        ("-100", "-1", ["-100", "-75", "-50", "-25", "0"]),
        ("0", "0", ["0", "1"]),
    ],
)
def test_the_scale_is_round_and_holds_every_value(low, high, ticks):
    assert _ticks(Decimal(low), Decimal(high)) == [Decimal(tick) for tick in ticks]


def test_bars_are_stacked_on_nought_and_lie_within_the_drawing():
    # given
    drawing = Drawing(chart(["30", "10"], ["10", "0"]), WIDE)
    # when
    bars = [(bar.css, float(bar.y), float(bar.height)) for bar in drawing.bars]
    # then: 40 is the top of the scale, and a value of nought draws nothing
    room = WIDE.height - WIDE.top - WIDE.bottom
    assert [css for css, _, _ in bars] == ["f1 gap", "f2 gap", "f1 gap"]
    assert bars[0][2] == pytest.approx(room * 0.75, abs=0.1)
    assert bars[1][1] == pytest.approx(WIDE.top, abs=0.1)
    assert bars[1][1] + bars[1][2] == pytest.approx(bars[0][1], abs=0.2)


def test_what_is_below_nought_hangs_under_the_axis():
    # given
    drawing = Drawing(chart(["10", "-10"]), NARROW)
    # when
    up, down = drawing.bars
    # then
    assert f" {float(up.y) + float(up.height):.1f}H" in drawing.axis.path
    assert f" {down.y}H" in drawing.axis.path


def test_labels_are_thinned_out_to_what_fits_and_the_last_one_stays():
    # given
    drawing = Drawing(chart([str(n) for n in range(1, 32)]), NARROW)
    # when
    names = [text.text for text in drawing.names]
    # then
    assert len(names) <= NARROW.most_labels
    assert names[-1] == "wk 31"


def test_the_table_holds_every_number_in_the_reader_s_language():
    # given
    with translation.override("nl"):
        made = chart(["1234.5"], ["1"], total="Samen", more=[Series("Retour", [Decimal("-2")])])
        # when / then
        assert made.heads == ["Series 1", "Series 2", "Samen", "Retour"]
        assert made.rows == [("wk 1", "", ["1.234,50", "1,00", "1.235,50", "−2,00"])]


def test_a_chart_is_drawn_twice_without_inline_style_and_named_for_those_who_do_not_see_it(rf):
    # when
    html = render_component(rf.get("/"), "chart", {"chart": chart(["3", "4"], ["1", "1"])})
    # then
    assert html.count('<svg class="wide"') == html.count('<svg class="narrow"') == 1
    assert html.count('role="img" aria-label="Net revenue by week"') == 2
    assert "style=" not in html
    assert "<h2>Collecting carries it</h2>" in html
    assert html.count("<tr>") == 3


def test_six_series_are_too_many():
    with pytest.raises(ValueError, match="at most 5"):
        chart(*[["1"]] * 6)


def test_a_value_is_missing():
    with pytest.raises(ValueError, match="every bar"):
        chart(["1", "2"], labels=["one", "two", "three"])
