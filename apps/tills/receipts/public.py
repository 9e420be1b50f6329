"""The receipt of a till sale, for whoever it was mailed to."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.core.retry import in_transaction
from apps.customers.services.confirming import answer, is_open
from apps.portal.pages import PublicPage
from apps.tills.receipts.lines import lines_of, paid_with, vat_of
from apps.tills.receipts.links import MailedReceipt, receipt_by


class Receipt(PublicPage):
    """Lines, VAT and total, and nothing of who bought it: a till's typing may have sent it to a stranger.

    Opening proves nothing, for scanners of mail open links too. Whoever presses says that they bought it, and from then on
    the address is known as theirs.
    """

    template_name = "tills/public/receipt.html"

    @cached_property
    def mailed(self) -> MailedReceipt:
        return receipt_by(self.kwargs["token"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ticket, asked = self.mailed.ticket, self.mailed.asked
        lines = lines_of(ticket)
        return super().get_context_data(
            title=_("Your receipt"),
            brand=ticket.location.name,
            ticket=ticket,
            lines=lines,
            vat=vat_of(lines),
            method=paid_with(ticket),
            is_kept=asked.confirmed_at is not None,
            asks=asked.confirmed_at is None and is_open(asked),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = self.mailed.asked
        in_transaction(lambda: answer(asked))
        return HttpResponseRedirect(request.path)
