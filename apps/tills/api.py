"""Tickets from till systems."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import Pages, WriteView
from apps.accounts.roles import Scope
from apps.core.actors import actor_of
from apps.core.inbox.documents import Defect
from apps.core.reach import reach_of
from apps.portal.pages.viewing import rows_in_view
from apps.tills import serializers as accepts
from apps.tills.models import Ticket
from apps.tills.services.receiving import Outcome, receive_tickets
from apps.tills.views.tickets import TicketList

_TAGS = ["tills"]


class NewestTicketsFirst(Pages):
    ordering = ("-occurred_at", "-id")


class SalesView(WriteView):
    """Send till tickets, or look one up."""

    required_scopes: ClassVar = {"GET": Scope.SALES_WRITE, "POST": Scope.SALES_WRITE}
    serializer_class = accepts.TicketsSerializer
    idempotency_required = True
    pagination_class = NewestTicketsFirst

    @extend_schema(
        tags=_TAGS,
        request=PolymorphicProxySerializer(
            component_name="TicketOrTickets",
            serializers=[accepts.TicketSerializer, accepts.TicketSerializer(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={202: accepts.SalesAnswerSerializer},
    )
    def post(self, request: Request, **path: Any) -> Response:
        return super().post(request, **path)

    def perform(self, data: Any, **path: Any) -> tuple[int, Any]:
        outcomes = receive_tickets(data, reach=reach_of(self.client), actor=actor_of(self.client))
        return 202, _answer(outcomes)

    @extend_schema(tags=_TAGS, parameters=[accepts.TicketQuery], responses=accepts.TicketAnswerSerializer(many=True))
    def get(self, request: Request) -> Response:
        query = accepts.TicketQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        view = asked.pop("view", None)
        tickets = Ticket.objects.visible_to(self.client).filter(**asked)
        if view is not None:
            tickets = rows_in_view(TicketList, view, tickets, self.client)
        return self.page_of(tickets.select_related("location", "order"), _shown)


def _answer(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    accepted = [o for o in outcomes if o.defect is None]
    return {
        "accepted": sum(not o.is_duplicate for o in accepted),
        "duplicates": sum(o.is_duplicate for o in accepted),
        "numbers": [o.number for o in accepted],
        "quarantined": [_told(n, o.defect) for n, o in enumerate(outcomes) if o.defect is not None],
    }


def _told(index: int, defect: Defect) -> dict[str, Any]:
    return {
        "index": index,
        "code": defect.flaw.code,
        "detail": defect.explained(),
        "attr": defect.field or None,
        "mend": gettext(defect.flaw.mend),
    }


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {
        "store": ticket.location.code,
        "till": ticket.till,
        "sequence": ticket.sequence,
        "business_date": ticket.business_date,
        "occurred_at": ticket.occurred_at,
        "operator": ticket.operator,
        "currency": ticket.currency,
        "total": str(ticket.total),
        "rounding": str(ticket.rounding),
        "number": ticket.number or None,
        "order": ticket.order.number if ticket.order else None,
    }
