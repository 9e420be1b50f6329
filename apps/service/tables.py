"""Columns of the service desk's lists."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.portal.tables import Column, Table, WhenColumn
from apps.service.models import ContactMoment, Question


class ContactTable(Table):
    """Conversations, without whom they were with: that is for who looks the customer up."""

    topic = Column(
        gettext_lazy("About"),
        slot="title",
        linkify=lambda record: record.get_absolute_url(),
        clip=True,
        orderable=False,
    )
    channel = Column(gettext_lazy("By"), slot="value", tight=True, dim=True, orderable=False)
    direction = Column(gettext_lazy("Who began"), tight=True, dim=True, wide=54, orderable=False)
    order_number = Column(gettext_lazy("Order"), slot="line", tight=True, orderable=False)
    location = Column(gettext_lazy("Store"), slot="note", clip=True, dim=True, wide=62, orderable=False)
    handled_by = Column(gettext_lazy("Handled by"), slot="foot", clip=True, orderable=False)
    occurred_at = WhenColumn(gettext_lazy("When"))

    class Meta(Table.Meta):
        model = ContactMoment
        fields: tuple[str, ...] = ()


class QuestionTable(Table):
    """Questions, with what is asked; whom it is about is for who looks the customer up."""

    text = Column(gettext_lazy("Question"), slot="title", linkify=True, clip=True, orderable=False)
    topic = Column(
        gettext_lazy("About"), accessor="contact__topic", slot="line", clip=True, dim=True, wide=54, orderable=False
    )
    asked_of = Column(
        gettext_lazy("Asked of"), accessor="location", slot="note", clip=True, orderable=False, empty_values=()
    )
    asked_by = Column(gettext_lazy("Asked by"), slot="foot", clip=True, dim=True, wide=62, orderable=False)
    asked_at = WhenColumn(gettext_lazy("Asked"))
    answered = WhenColumn(gettext_lazy("Answered"), accessor="answer__answered_at", orderable=False)

    class Meta(Table.Meta):
        model = Question
        fields: tuple[str, ...] = ()

    def render_asked_of(self, record: Any) -> Any:
        return record.location.name if record.location else _("Service desk")
