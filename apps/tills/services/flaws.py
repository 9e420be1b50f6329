"""Why an invoice as a whole could not be booked."""

from django.utils.translation import gettext_noop as _

from apps.core.inbox.documents import Flaw

CHANGED = Flaw(
    "changed_since",
    _("Invoice %(value)s was booked before with other content; what was booked stays as it is."),
    _("Compare the versions in the inbox; book the difference as a credit note or a new invoice."),
)
REFUSED = Flaw(
    "refused",
    _("Invoice %(value)s cannot be booked: %(detail)s"),
    _("Mend what it names."),
)
