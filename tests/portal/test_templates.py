"""What holds for every template of every app."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from apps.portal.icons import draw
from apps.portal.registry import contributed

ROOT = settings.BASE_DIR / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
ICON = re.compile(r'\{% icon "([^"]+)"|\b(?:error_)?icon="([a-z0-9-]+)"')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_compile_and_hold_nothing_that_the_content_security_policy_refuses(path: Path):
    source = path.read_text()
    get_template(str(path.relative_to(ROOT)))
    assert not re.search(r"\sstyle=", source), "style belongs in a stylesheet"
    assert not re.search(r"\son[a-z]+=", source), "behaviour belongs in toonbank.js"
    assert not re.search(r"<script(?![^>]*\ssrc=)", source), "scripts belong in toonbank.js"
    assert not re.search(r"<style", source), "style belongs in a stylesheet"
    assert not re.search(r'href="#"', source), "a link leads somewhere"
    for found in ICON.finditer(source):
        draw(found[1] or found[2], "")


def test_contributed_icons_exist():
    entries = [*contributed._navigation.values(), *contributed._search.values()]
    assert entries
    for entry in entries:
        draw(entry.icon, "")
