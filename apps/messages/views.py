"""The outbox: what customers were and will be written."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from apps.messages.filters import OutboxFilter
from apps.messages.kinds import kind_in_words
from apps.messages.models import Message
from apps.messages.services.sending import check_failed, send_again
from apps.messages.tables import TONES, OutboxTable
from apps.portal import formats
from apps.portal.access import may
from apps.portal.pages import Action, ActionPage, DetailPage, Fact, ListPage, ManyAction, Preset
from apps.portal.pages.actions import refused_by

SEND_MANY_AGAIN = ManyAction(
    name="again",
    label=gettext_lazy("Send again"),
    permission="messages.view",
    icon="send",
    question=ngettext_lazy("Send %(count)s message again?", "Send %(count)s messages again?", "number"),
    effect=lambda messages: _("They go out with the next round, and are tried as often as a new one."),
    passes_over=lambda message, principal: refused_by(check_failed, message),
    act=lambda message, principal: send_again(message=message),
)


class Outbox(ListPage):
    permission = "messages.view"
    model = Message
    table_class = OutboxTable
    filterset_class = OutboxFilter
    search_fields = ("subject",)
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("failed", gettext_lazy("Failed"), {"status": "failed"}),
        Preset("waiting", gettext_lazy("Waiting"), {"status": "queued"}),
    )
    ordering = ("-queued_at",)
    large = True
    many_actions = (SEND_MANY_AGAIN,)
    title = gettext_lazy("Outbox")
    empty_title = gettext_lazy("No mail yet")
    empty_text = gettext_lazy("Mail to customers appears here as soon as there is a reason to write.")
    empty_icon = "mail"


class MessagePage(DetailPage):
    """One mail. Whoever has a customer's rows open may read what that customer was written."""

    permission = "customers.view"
    model = Message
    lookup = "key"
    select_related = ("source_record__customer",)
    template_name = "messages/message.html"
    actions = (
        Action(
            label=gettext_lazy("Send again"),
            route="messaging:again",
            permission="messages.view",
            icon="send",
            check=check_failed,
        ),
    )

    def get_back(self) -> tuple[str, Any] | None:
        if may(self.request.user, Outbox.permission):
            return reverse("messaging:outbox"), Outbox.title
        record = self.object.source_record  # whoever may not open the outbox came from the customer's page
        if record is not None and record.customer is not None:
            return record.customer.get_absolute_url(), str(record.customer)
        return None

    def get_status(self) -> tuple[str, Any]:
        return TONES[self.object.status], self.object.get_status_display()

    def get_facts(self) -> list[Fact]:
        message = self.object
        facts = [
            Fact(_("About"), kind_in_words(message.template)),
            Fact(_("Queued"), formats.when(message.queued_at)),
            Fact(_("Sent"), formats.when(message.sent_at) or "–"),
            Fact(_("Attempts"), message.attempts),
            Fact(_("Language"), formats.language(message.locale)),
        ]
        if message.error:
            facts.append(Fact(_("Went wrong"), message.error))
        return facts


class SendAgain(ActionPage):
    """Put a mail that could not be sent back in the outbox."""

    permission = "messages.view"
    model = Message
    lookup = "key"
    button = gettext_lazy("Send again")

    def get_question(self) -> Any:
        return _("Send “%(subject)s” again?") % {"subject": self.object.subject}

    def act(self) -> Message:
        return send_again(message=self.object)
