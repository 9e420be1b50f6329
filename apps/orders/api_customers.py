"""A customer's orders over HTTP, whatever the channel."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.customers.api import CustomerPart
from apps.orders.api import NewestFirst
from apps.orders.api_documents import OrderAnswer, of_order, with_parts
from apps.orders.models import Order


class CustomerOrdersView(CustomerPart):
    """Orders of a customer that a look-up opened to this client: web and store alike, the newest first."""

    required_scopes: ClassVar = {"GET": Scope.CUSTOMERS_READ}
    datum = "orders.history"
    pagination_class = NewestFirst

    @extend_schema(tags=["customers"], responses=OrderAnswer(many=True))
    def get(self, request: Request, key: uuid.UUID) -> Response:
        # The customer is the door; who may read a customer reads what they bought, without a scope of its own.
        orders = with_parts(Order.objects.filter(source_record__in=self.source_record_ids))
        return self.page_of(orders, self.shown)

    def shown(self, order: Order) -> dict[str, Any]:
        """The collect code is for the customer and the channel that sold it, not for whoever may read a customer."""
        document = of_order(order, reader=self.client)
        return document if order.channel_id == self.client.channel_id else document | {"collect_code": None}
