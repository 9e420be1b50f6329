"""Rules of what this app and the mechanisms below it keep."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from apps.core.inbox.models import DocumentStatus
from apps.core.models import InboxDocument, Quarantined
from apps.customers.models import ConfirmationAsked, PrivacyRequest, PrivacyStep
from apps.customers.rights.retention.rules import RetentionRule, Words, retention

_CLOSED = ~Q(status=PrivacyRequest.Status.OPEN)
_NOTHING_TO_MEND = Q(
    ~Q(status=DocumentStatus.RECEIVED),
    ~Exists(Quarantined.objects.filter(document=OuterRef("pk"), mended_at=None)),
)

retention(
    RetentionRule(
        code="confirmations",
        name=gettext_lazy("Confirmations that were never given"),
        purpose=gettext_lazy("Letting somebody confirm by mail what they ticked"),
        since=gettext_lazy("after the mail was sent"),
        ends=gettext_lazy("The address and how it was given go; that a mail was sent stays."),
        why=gettext_lazy("Who did not confirm did not want it."),
        months=3,
        least=1,
        parts=(Words(ConfirmationAsked, ("address", "proof"), since="asked_at", only=Q(confirmed_at=None)),),
    )
)
retention(
    RetentionRule(
        code="documents",
        name=gettext_lazy("Documents of other systems, as they came"),
        purpose=gettext_lazy("Mending what could not be booked, and settling disputes with whoever sent them"),
        since=gettext_lazy("after they came; not while a row is still to be mended"),
        ends=gettext_lazy("Their text goes; what was booked from them stays, and the same document is still known."),
        why=gettext_lazy("What they say stands in the books by then; two years cover guarantee and claims."),
        months=24,
        least=3,
        parts=(
            Words(InboxDocument, ("body",), since="received_at", only=_NOTHING_TO_MEND),
            Words(Quarantined, ("value", "params", "raw"), since="mended_at"),
        ),
    )
)
retention(
    RetentionRule(
        code="privacy_requests",
        name=gettext_lazy("Privacy requests"),
        purpose=gettext_lazy("Proving that people got an answer in time"),
        since=gettext_lazy("after the request was closed"),
        ends=gettext_lazy("What was said goes; what was asked, the dates and the outcome stay."),
        why=gettext_lazy("A claim about it lapses after five years."),
        months=60,
        least=24,
        parts=(
            Words(PrivacyRequest, ("asked",), since="closed_at", only=_CLOSED, number="number"),
            Words(PrivacyStep, ("words",), since="request__closed_at", number="request__number"),
        ),
    )
)
