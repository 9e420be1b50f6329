"""What axe finds on a page once that has come to rest, in little more time than finding it takes."""

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Error, Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ONLY_VIOLATIONS = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
# Loaded, its fonts too, and htmx neither asks for anything nor puts anything in its place: for four frames on end.
_AT_REST = """() => new Promise((rest, fail) => {
  const end = performance.now() + 30_000;
  let calm = 0;
  const look = () => {
    const busy = document.readyState !== "complete" || document.fonts.status !== "loaded"
      || document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added");
    calm = busy ? 0 : calm + 1;
    if (calm === 4) rest();
    else if (performance.now() > end) fail(new Error("the page does not come to rest"));
    else requestAnimationFrame(look);
  };
  look();
})"""


def come_to_rest(page: Page) -> None:
    """Wait until what the page fetches by itself is there. (Playwright's "networkidle" waits half a second more.)"""
    while True:
        page.wait_for_load_state()
        try:
            page.evaluate(_AT_REST)
        except Error as error:
            if "context was destroyed" not in str(error):  # it was just left for the next page
                raise
        else:
            return


def measured(page: Page, *, stylesheets: bool = False) -> AxeResults:
    """What axe finds on the page at rest. Only what is wrong comes back: the rest of what axe says is megabytes.

    With `stylesheets` axe fetches those again to look for rules that lock the screen's orientation. All pages have the same
    ones, so that is looked for on a few.
    """
    come_to_rest(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = json.dumps(_ONLY_VIOLATIONS | {"preload": stylesheets})
    violations: list[Any] = page.evaluate(f"axe.run({options}).then((results) => results.violations)")
    return AxeResults({"violations": violations})
