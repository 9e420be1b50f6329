"""Asking another location for goods."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.catalogue.models import Variant
from apps.core.actors import actor_of
from apps.core.errors import Conflict, Fault
from apps.core.reach import reach_of
from apps.inventory.forms_transfers import RequestForm
from apps.inventory.models import Transfer, TransferStatus
from apps.inventory.services.availability import THOUSAND, free_stock
from apps.inventory.services.transfers.agreeing import needs_consent
from apps.inventory.services.transfers.requesting import request_transfer
from apps.inventory.services.types import InsufficientStock, Shortage
from apps.network.directory import Directory, Entry, locations
from apps.network.models import Location
from apps.portal import formats
from apps.portal.pages import FormPage
from apps.portal.store import store_of, stores_of


def ask_url(sku: str, *, sender: str = "", quantity: int = 1) -> str:
    """Where one asks for so many of a product, of a location or of whoever has it."""
    asked = {"sku": sku, "quantity": str(quantity)}
    if sender:
        asked["from"] = sender
    return f"{reverse('inventory:request-transfer')}?{urlencode(asked)}"


def ask_link(variant: Variant, times: int) -> str:
    """Where one asks another location for a scanned product, for as many as were scanned."""
    return ask_url(variant.sku, quantity=times)


class RequestTransfer(FormPage):
    """From where, to where, which goods; they are promised there at once, or once the sender agrees. The address may propose
    all three."""

    permission = "inventory.transfer"
    model = Transfer
    form_class = RequestForm
    template_name = "inventory/transfer_request.html"
    title = gettext_lazy("Ask for goods")
    button = gettext_lazy("Ask for them")
    back = ("inventory:transfers", gettext_lazy("Transfers"))

    def asked(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\x00", "").strip()[:40]

    @cached_property
    def directory(self) -> Directory:
        store = store_of(self.request)
        return locations(knowing=[store.pk] if store is not None else [])

    @cached_property
    def nearest(self) -> list[tuple[Entry, float | None]]:
        """The locations that are open, the nearest to the person's store first."""
        store = store_of(self.request)
        ranking = self.directory.ranking(self.directory.by_id[store.pk].point if store is not None else None)
        open_ = self.directory.active
        return [(self.directory.by_id[id_], ranking.km[id_]) for id_ in ranking.order if id_ in open_]

    @cached_property
    def free(self) -> dict[int, Any]:
        """How many of the product asked for each location has, in thousandths; nothing where no product is named."""
        sku = self.asked("sku")
        found = free_stock([sku])[1].get(sku) if sku else None
        return dict(found.collect) if found is not None else {}

    def get_initial(self) -> dict[str, Any]:
        store, sku, quantity = store_of(self.request), self.asked("sku"), self.asked("quantity")
        many = quantity if quantity.isascii() and quantity.isdigit() and int(quantity[:3]) > 1 else ""
        return {
            "sender": self.asked("from"),
            "receiver": self.asked("to") or (store.code if store is not None else ""),
            "goods": f"{sku} {many}".strip(),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = reach_of(self.request.user)
        own = None if mine.every_location else frozenset(store.code for store in stores_of(self.request))
        by_name = sorted((entry.name, entry.code) for entry, _km in self.nearest)
        return {
            "variants": self.visible(Variant),
            "senders": [(entry.code, self._said(entry, km)) for entry, km in self._senders()],
            "receivers": [(code, name) for name, code in by_name],
            "own": own,
        }

    def _senders(self) -> list[tuple[Entry, float | None]]:
        """Where a product is asked for, those that have some come first."""
        return sorted(self.nearest, key=lambda near: self.free.get(near[0].id, 0) <= 0)

    def _said(self, entry: Entry, km: float | None) -> str:
        parts = [entry.name]
        if km:
            parts.append(f"{formats.quantity(str(km))} km")
        if (there := self.free.get(entry.id, 0)) > 0:
            parts.append(_("%(count)s free") % {"count": formats.quantity(there / THOUSAND)})
        return ", ".join(parts)

    def perform(self, form: RequestForm) -> Transfer:
        given = form.cleaned_data
        ends = {entry.code: entry for entry in Location.objects.filter(code__in=[given["sender"], given["receiver"]])}
        try:
            return request_transfer(
                sender=ends[given["sender"]],
                receiver=ends[given["receiver"]],
                lines=given["goods"],
                reference=str(given["token"]),
                actor=actor_of(self.request.user),
                waits=needs_consent(
                    sender=ends[given["sender"]], receiver=ends[given["receiver"]], principal=self.request.user
                ),
            )
        except InsufficientStock as short:
            raise Conflict(faults=[_short_of(given["goods"], shortage) for shortage in short.shortages]) from short

    def get_success_message(self, result: Transfer) -> Any:
        told = {"number": result.number, "sender": result.sender}
        if result.status == TransferStatus.ASKED:
            return _("Transfer %(number)s: asked for. %(sender)s decides whether to send it.") % told
        return _("Transfer %(number)s: asked for, and set aside in %(sender)s.") % told


def _short_of(goods: list[tuple[Variant, Any]], shortage: Shortage) -> Fault:
    """What there is less of than was asked for, in words, beside the field that names the goods."""
    told = {
        "name": goods[shortage.positions[0]][0].name,
        "there": formats.quantity(shortage.available),
        "wanted": formats.quantity(shortage.wanted),
    }
    return Fault("insufficient_stock", _("%(name)s: %(there)s free there, %(wanted)s asked for.") % told, "goods")
