"""The carrier of docs/how-to/new-carrier.md, taken out of the text: what the how-to shows is what runs."""

import re
from pathlib import Path
from typing import Any

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "new-carrier.md"
_FOUND = re.search(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
assert _FOUND is not None
_NAMES: dict[str, Any] = {}
exec(compile(_FOUND[1], str(HOW_TO), "exec"), _NAMES)  # noqa: S102  (our own text)
Fietskoerier = _NAMES["Fietskoerier"]
