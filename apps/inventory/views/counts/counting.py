"""Counting on a phone, shelf after shelf: a scan adds one, a typed quantity replaces."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.core.codes.reading import Reading, read_code
from apps.core.errors import DomainError
from apps.core.ids import new_id
from apps.inventory.forms_counts import TypedForm
from apps.inventory.models import Count, CountedLine, Place
from apps.inventory.scanning import is_measured, scanned_variant
from apps.inventory.services.counts.noting import check_open, note_counted
from apps.inventory.walking import Walk
from apps.portal import formats
from apps.portal.pages import ObjectPage

_LONGEST_CODE = 400
_LONGEST_SHELF = 16


@dataclass(frozen=True)
class Noted:
    """What a scan or a typed quantity came to: a sentence, how it sounds, and the product it was about."""

    said: str
    word: str = "found"
    variant: Variant | None = None
    line: CountedLine | None = None


class Counting(ObjectPage):
    """One shelf of a count. What a scan stands for is posted; a shelf's own code leads to that shelf."""

    permission = "inventory.count"
    model = Count
    select_related = ("location",)
    template_name = "inventory/counts/counting.html"
    part = "inventory/counts/_counting_swap.html"

    @cached_property
    def shelf(self) -> str | None:
        """The shelf asked for; None when the page may choose."""
        asked = self.request.POST.get("shelf", self.request.GET.get("shelf"))
        return None if asked is None else asked.replace("\x00", "").strip()[:_LONGEST_SHELF]

    def get_title(self) -> Any:
        return _("Count %(number)s") % {"number": self.object.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        walk = Walk(self.object, self.shelf)
        context = super().get_context_data(walk=walk, here=walk.here, scan_token=new_id(), **kwargs)
        return context | {"noted": kwargs.get("noted"), "is_open": _is_open(self.object)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _is_open(self.object):
            return HttpResponseRedirect(self.get_object_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object  # noqa: B018  (404 before anything is read)
        if "code" in request.POST:
            return self._scanned(request.POST["code"].replace("\x00", "").strip()[:_LONGEST_CODE])
        noted = self._typed()
        if noted.word == "found" and not self.is_swap:
            return HttpResponseRedirect(self._at(self.shelf or ""))
        return self._shown(noted)

    # --- what was posted ----------------------------------------------------------------------------------------------

    def _scanned(self, code: str) -> HttpResponse:
        place = Place.objects.filter(location=self.object.location, code__iexact=code).first() if code else None
        if place is not None:
            return self._go(self._at(place.code))
        return self._shown(self._scan(read_code(code)) if code else None)

    def _scan(self, reading: Reading) -> Noted:
        variant = scanned_variant(reading, self.request.user)
        if variant is None:
            said = _("Code %(code)s is not known here") if reading.flaw is None else _("Code %(code)s was misread")
            return Noted(said % {"code": reading.text}, "unknown")
        quantity = _pieces(reading, variant)
        if quantity is None:
            return Noted(
                _("%(name)s goes by measure: type how much there is") % {"name": variant.name}, "unknown", variant
            )
        return self._note(variant, quantity, self.request.POST.get("token", ""), adds=True)

    def _typed(self) -> Noted:
        form = TypedForm(self.request.POST)
        if not form.is_valid():
            return Noted(_("A count is a number from 0 to %(most)s.") % {"most": 99_999}, "unknown")
        visible = self.visible(Variant).select_related("product").prefetch_related("product__texts")
        variant = visible.filter(sku=form.cleaned_data["sku"]).first()
        if variant is None:
            return Noted(_("Code %(code)s is not known here") % {"code": form.cleaned_data["sku"]}, "unknown")
        return self._note(variant, form.cleaned_data["quantity"], str(form.cleaned_data["token"]))

    def _note(self, variant: Variant, quantity: Decimal, token: str, *, adds: bool = False) -> Noted:
        try:
            line = note_counted(
                count=self.object,
                variant=variant,
                shelf=Walk(self.object, self.shelf).here.shelf,
                quantity=quantity,
                actor=actor_of(self.request.user),
                token=_token(token),
                adds=adds,
            )
        except DomainError as refusal:
            return Noted(refusal.detail, "unknown", variant)
        del self.object  # what the service wrote is read again
        self.__dict__["shelf"] = line.shelf
        said = _("%(count)s × %(name)s") % {"count": formats.quantity(line.quantity), "name": variant.name}
        return Noted(said, "again" if adds and line.quantity > quantity else "found", variant, line)

    # --- answering ----------------------------------------------------------------------------------------------------

    def _at(self, shelf: str) -> str:
        page = reverse("inventory:counting", kwargs={"number": self.kwargs["number"]})
        return f"{page}?{urlencode({'shelf': shelf})}"

    def _shown(self, noted: Noted | None) -> HttpResponse:
        template = self.part if self.is_swap else self.template_name
        return self.response_class(self.request, [template], self.get_context_data(noted=noted))

    def _go(self, url: str) -> HttpResponse:
        if self.is_swap:
            response = HttpResponse()
            response["HX-Redirect"] = url
            return response
        return HttpResponseRedirect(url)


def _is_open(count: Count) -> bool:
    try:
        check_open(count)
    except DomainError:
        return False
    return True


def _pieces(reading: Reading, variant: Variant) -> Decimal | None:
    """How much a scan stands for: a piece, what the pack holds, what the label weighs; None where somebody must measure."""
    if reading.count is not None and is_measured(reading, variant):
        return reading.count
    if not variant.allows_fractions:
        return Decimal(1)
    weighed = variant.unit == Variant.Unit.KILOGRAM and is_measured(reading, variant)
    return reading.weight if weighed else None


def _token(text: str) -> uuid.UUID:
    """The form's token; one that is none is replaced, so that the scan counts all the same."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return new_id()
