"""The scan box: one place for every code a store meets."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.core.codes.photographing import HEAVIEST, UnreadablePhoto, codes_in
from apps.core.codes.reading import Reading, read_code
from apps.portal.contributions import ScanAnswer, ScanMatch, Scanned
from apps.portal.entries import UNKNOWN, ScanAct, ScanSource
from apps.portal.pages import PlainPage
from apps.portal.registry import contributed
from apps.portal.store import store_of
from apps.portal.work.showing import to_do

LONGEST_CODE = 400  # a Digital Link with everything in it; a QR code on a poster may hold more, and is none of ours
MOST_TIMES = 999


@dataclass(frozen=True)
class Outcome:
    """What a scan came to: an answer, a choice between several kinds, or neither."""

    reading: Reading
    answer: ScanAnswer | None = None
    choice: tuple[tuple[ScanSource, ScanMatch], ...] = ()
    times: int = 1
    acts: tuple[tuple[ScanAct, str], ...] = ()
    is_photo: bool = False  # one in which no code was found

    @property
    def word(self) -> str:
        """How it sounds: "found", "again", "choice" or "unknown"."""
        if self.choice:
            return "choice"
        if self.answer is None or not self.answer.is_known:
            return "unknown"
        return "again" if self.times > 1 else "found"


class Scan(PlainPage):
    """One box for every code a store meets: product, card, order, collect code, return code.

    A code may stand for a person, so it is posted: it never shows in an address or a log.
    """

    permission = "scan.use"
    template_name = "portal/scan.html"
    swap_template = "portal/_scanned.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = None if self.is_swap else to_do(contributed, self.request.user)
        kinds = [source.label for source in contributed.scan_for(self.request.user) if source.label]
        return super().get_context_data(list=waiting, kinds=kinds, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "photo" in request.FILES:
            return self._photo(request.FILES["photo"])
        return self._code(request.POST.get("code", ""))

    def _photo(self, photo: Any) -> HttpResponse:
        """The answer to the first code in a photo that is one of ours; the photo is not kept."""
        try:
            codes = codes_in(photo) if photo.size <= HEAVIEST else []
        except UnreadablePhoto:
            codes = []
        if not codes:
            return self._shown(Outcome(Reading(text=""), is_photo=True))
        return self._code(next((code for code in codes if self._matches(read_code(code))), codes[0]))

    def _code(self, text: str) -> HttpResponse:
        code = text.replace("\x00", "").strip()[:LONGEST_CODE]
        if not code:
            return self._shown()
        outcome = self._look_up(read_code(code))
        if outcome.answer is not None and outcome.answer.url:
            return self._go(outcome.answer.url)
        return self._shown(outcome, **(outcome.answer.context if outcome.answer else {}))

    def _look_up(self, reading: Reading) -> Outcome:
        matches = self._matches(reading)
        if len(matches) > 1:
            return Outcome(reading, choice=tuple(matches))
        if not matches:
            self._tell_unknown(reading)
            return Outcome(reading, acts=tuple(contributed.acts_on(UNKNOWN, reading, self.request.user)))
        [(source, match)] = matches
        answer = match.answer()
        times = self._times(answer)
        if answer is None or answer.subject is None:
            return Outcome(reading, answer, times=times)
        acts = contributed.acts_on(source.name, answer.subject, self.request.user, times=times)
        return Outcome(reading, answer, times=times, acts=tuple(acts))

    def _tell_unknown(self, reading: Reading) -> None:
        scanned = Scanned(principal=self.request.user, reading=reading, location=store_of(self.request))
        for source in contributed.scan_for(self.request.user):
            if source.unknown is not None:
                source.unknown(scanned)

    def _matches(self, reading: Reading) -> list[tuple[ScanSource, ScanMatch]]:
        """What the code may stand for, in the order of the handlers; only the chosen kind when one was chosen."""
        scanned = Scanned(principal=self.request.user, reading=reading, location=store_of(self.request))
        chosen = self.request.POST.get("kind", "")
        asked = [source for source in contributed.scan_for(self.request.user) if chosen in ("", source.name)]
        matches = [(source, match) for source in asked if (match := source.handler(scanned)) is not None]
        return [(source, match) for source, match in matches if not match.only_a_guess] or matches[:1]

    def _times(self, answer: ScanAnswer | None) -> int:
        """How often in a row this was scanned: the page posts what it showed last."""
        posted = self.request.POST
        if answer is None or not answer.same or posted.get("previous") != answer.same:
            return 1
        before = posted.get("times", "")
        return min(int(before) + 1, MOST_TIMES) if before.isascii() and before.isdigit() and len(before) < 4 else 1

    def _shown(self, outcome: Outcome | None = None, **context: Any) -> HttpResponse:
        template = self.swap_template if self.is_swap else self.template_name
        told = {"outcome": outcome, "times": outcome.times, "acts": outcome.acts} if outcome else {"times": 1}
        known = self.get_context_data(**context, **told)
        return self.response_class(self.request, [template], known)

    def _go(self, url: str) -> HttpResponse:
        if self.is_swap:
            response = HttpResponse()
            response["HX-Redirect"] = url
            return response
        return HttpResponseRedirect(url)
