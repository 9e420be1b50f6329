"""The page of docs/how-to/new-page.md, taken out of the text: what the how-to shows is what runs."""

import re
from pathlib import Path

from django.urls import include, path

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "new-page.md"
CODE = re.search(r"```python\n(from .*?)```", HOW_TO.read_text(), re.DOTALL)[1]
exec(compile(CODE, str(HOW_TO), "exec"))  # noqa: S102  (our own text)

urlpatterns = [*globals()["urlpatterns"], path("", include("config.urls"))]
