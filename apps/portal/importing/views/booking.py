"""Booking what was checked."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.portal import formats
from apps.portal.importing.models import Import
from apps.portal.importing.services import start_booking
from apps.portal.importing.views.access import MAY_IMPORT
from apps.portal.pages import (
    ActionPage,
)


class BookImport(ActionPage):
    """Book all rows of a file, in one go."""

    permission = MAY_IMPORT
    model = Import
    lookup = "key"
    select_related = ("job",)
    button = gettext_lazy("Book all")
    only_valid = False

    def get_question(self) -> Any:
        count = self.object.effect
        text = ngettext("Book %(count)s row of %(file)s?", "Book %(count)s rows of %(file)s?", count)
        return text % {"count": formats.quantity(count), "file": self.object}

    def get_effect(self) -> Any:
        return _("All of them are booked, or none. Rows that change nothing are left alone.")

    def needs_reason(self) -> bool:
        return self.object.of_kind.asks_reason

    def act(self) -> Import:
        start_booking(upload=self.object, only_valid=self.only_valid, principal=self.request.user)
        upload: Import = self.object
        return upload


class BookValid(BookImport):
    """Book the rows that are right; the wrong ones can be downloaded, mended and loaded again."""

    permission = MAY_IMPORT
    button = gettext_lazy("Book the right ones")
    only_valid = True

    def get_effect(self) -> Any:
        count = self.object.errors
        text = ngettext(
            "%(count)s wrong row is passed over; download it to mend it.",
            "%(count)s wrong rows are passed over; download them to mend them.",
            count,
        )
        return text % {"count": formats.quantity(count)}
