"""The answer to who asks for their data, on paper: what it is, what somebody may do with it, a chapter for each use."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF

from apps.core.privacy.register import Basis
from apps.customers.rights.telling import Answer, Chapter

FONTS = Path(__file__).parent / "fonts"
_FONT = "DejaVu"
_GREY = 110


class _Paper(FPDF):
    """A4 with a foot. Its fonts hold all letters of Europe, so that every name is spelled as it is."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(format="A4")
        self.foot = _("Made on %(day)s, only for %(name)s") % {
            "day": date_format(timezone.localtime(answer.made_at), "j F Y"),
            "name": answer.name,
        }
        self.add_font(_FONT, fname=FONTS / "DejaVuSans.ttf")
        self.add_font(_FONT, style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.set_title(_("What we know of you"))
        self.set_lang(answer.language)
        self.set_creation_date(answer.made_at)
        self.set_auto_page_break(True, margin=20)
        self.set_margins(20, 20)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FONT, size=7)
        self.set_text_color(_GREY)
        self.cell(0, 6, self.foot)
        self.cell(0, 6, str(self.page_no()), align="R")
        self.set_text_color(0)

    def say(self, text: str, *, size: float = 9.5, bold: bool = False, grey: bool = False, after: float = 0) -> None:
        self.set_font(_FONT, style="B" if bold else "", size=size)
        self.set_text_color(_GREY if grey else 0)
        self.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(0)
        if after:
            self.ln(after)


def draw(answer: Answer) -> bytes:
    """A PDF in the language of whoever asked."""
    with translation.override(answer.language):
        paper = _Paper(answer)
        paper.say(_("What we know of you"), size=20, bold=True, after=3)
        paper.say(answer.name, size=12, after=3)
        for text in _introduction():
            paper.say(text, after=2)
        for chapter in answer.chapters:
            _write(paper, chapter)
        return bytes(paper.output())


def _introduction() -> list[str]:
    return [
        _(
            "You asked what we know of you. Here it is, by what we use it for. Beside each you read on what ground we may, and "
            "how long we keep it."
        ),
        _(
            "You told us most of this yourself, when you bought something, called, wrote or signed up. Other people are left out "
            "of it, and so are the names of our colleagues: where something was left out you see […]."
        ),
        _(
            "Carriers and payment services get what they need for your order. We sell your data to nobody, and no decision about "
            "you is made by a computer alone."
        ),
        _(
            "You may have it corrected, erased or restricted, take it along, object to a use of it, and withdraw what you "
            "allowed. If you do not agree with us, you can complain to the data protection authority."
        ),
    ]


def _grounds() -> dict[str, str]:
    return {
        Basis.CONTRACT: _("needed for what you buy or ask of us"),
        Basis.CONSENT: _("you allowed it"),
        Basis.LAW: _("the law asks for it"),
        Basis.INTEREST: _("our interest, weighed against yours"),
    }


def _write(paper: _Paper, chapter: Chapter) -> None:
    if paper.will_page_break(40):
        paper.add_page()
    paper.ln(5)
    paper.start_section(chapter.title)
    paper.say(chapter.title, size=13, bold=True, after=1)
    paper.say(f"{_('What for')}: {chapter.purpose}", size=8.5, grey=True)
    paper.say(f"{_('On what ground')}: {_grounds()[chapter.basis]}", size=8.5, grey=True)
    paper.say(f"{_('How long')}: {chapter.kept}", size=8.5, grey=True, after=2)
    if not chapter.rows:
        paper.say(_("Nothing."))
        return
    used = [(name, label) for name, label in chapter.columns if any(name in row for row in chapter.rows)]
    paper.set_font(_FONT, size=7.5)
    texts = [[_said(row.get(name)) for name, _label in used] for row in chapter.rows]
    widths = _widths([label for _name, label in used], texts)
    with paper.table(
        col_widths=widths, line_height=4.2, padding=0.8, text_align="LEFT", borders_layout="HORIZONTAL_LINES"
    ) as table:
        table.row([label for _name, label in used])
        for row in texts:
            table.row(row)


def _widths(heads: list[str], rows: list[list[str]]) -> tuple[int, ...]:
    """As wide as what stands in them, within reason."""
    found = []
    for place, head in enumerate(heads):
        longest = max((len(row[place]) for row in rows), default=0)
        found.append(min(max(len(head), longest, 8), 48))
    return tuple(found)


def _said(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "j M Y H:i")
    if isinstance(value, dt.date):
        return date_format(value, "j M Y")
    return "" if value is None else str(value)
