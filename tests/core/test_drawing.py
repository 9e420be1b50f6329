"""Bar codes that are printed can be read again."""

import io

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from apps.core.codes.drawing import draw_gtin, draw_text


def read_again(svg: str) -> str:
    """What a scanner reads in a drawn code: its bars are rectangles of whole units."""
    import re

    wide, high = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    picture = Image.new("L", (wide * 4, high * 4), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, w, h in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+Z", svg):
        x, y, w, h = (int(n) * 4 for n in (x, y, w, h))
        pen.rectangle((x, y, x + w - 1, y + h - 1), fill=0)
    file = io.BytesIO()
    picture.save(file, "PNG")
    found = zxingcpp.read_barcodes(Image.open(file))
    assert len(found) == 1
    return found[0].text


@pytest.mark.parametrize("digits", ["8712345678906", "96385074", "18712345678903", "0012345678905"])
def test_a_drawn_gtin_is_read_again(digits):
    assert read_again(draw_gtin(digits)) == digits


@pytest.mark.parametrize("text", ["T48101273642", "KU-0000163-ROOD", "a&b<c"])
def test_a_drawn_number_is_read_again(text):
    assert read_again(draw_text(text)) == text


@pytest.mark.parametrize("digits", ["", "123", "8712345678905", "x712345678906"])
def test_what_is_no_gtin_is_not_drawn(digits):
    assert draw_gtin(digits) == ""


def test_a_drawing_says_what_it_is_and_takes_no_text_for_markup():
    drawn = draw_text('"><script>')
    assert "<script>" not in drawn
    assert 'role="img"' in drawn
    assert " id=" not in drawn
