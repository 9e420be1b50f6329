"""Erasure: what would go and what stays, then a confirmation, then a job."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.jobs.models import Job
from apps.core.jobs.starting import start_job
from apps.customers.models import PrivacyRequest
from apps.customers.rights.foreseeing import foresee
from apps.customers.rights.forms import EraseForm
from apps.customers.rights.handling import check_identified, check_open
from apps.customers.rights.views.requests import HANDLE
from apps.portal.pages import FormPage


class EraseCustomer(FormPage):
    """What erasing somebody comes to, and doing it. It cannot be undone."""

    permission = HANDLE
    model = PrivacyRequest
    select_related = ("source_record__customer",)
    form_class = EraseForm
    template_name = "customers/rights/erase.html"
    button = gettext_lazy("Erase")

    def get_title(self) -> Any:
        return _("Erase %(customer)s?") % {"customer": self.object.source_record.customer}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = foresee(self.object.source_record.customer)
        return super().get_context_data(**kwargs) | {
            "seen": seen,
            "may": bool(self.object.identity) and self.object.is_open and not seen.blocks,
        }

    @transaction.atomic
    def perform(self, form: EraseForm) -> Job:
        check_open(self.object)
        check_identified(self.object)
        return start_job(
            kind="customers.erase",
            owner=self.request.user,
            parameters={"request": self.object.number},
            title=_("Erasure for %(number)s") % {"number": self.object.number},
            once=f"erase:{self.object.number}",
        )

    def still_sees(self, row: Any) -> bool:
        return True  # a job of one's own
