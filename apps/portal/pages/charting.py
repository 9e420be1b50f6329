"""The figures of a page's chart as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify

from apps.portal.charts import BarChart
from apps.portal.csv_files import csv_for_people


class ChartFile:
    """For a page with a `chart` in its context: `?part=chart` answers its table as CSV for a spreadsheet."""

    request: HttpRequest

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        chart = context.get("chart")
        if self.request.GET.get("part") == "chart" and isinstance(chart, BarChart):
            return _file(chart)
        response: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]  # of a page
        return response


def _file(chart: BarChart) -> HttpResponse:
    rows = [[chart.head, *chart.heads]]
    rows += [[label, *(column[n] for column in chart.columns)] for n, label in enumerate(chart.labels)]
    response = HttpResponse(b"".join(csv_for_people(rows)), content_type="text/csv; charset=utf-8")
    name = f"{slugify(str(chart.title))[:60] or 'chart'}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
