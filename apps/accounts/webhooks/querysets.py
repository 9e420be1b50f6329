"""Which endpoints and deliveries a principal may see, and which deliveries can go now."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core.actors import actor_of
from apps.core.reach import reach_of

MANAGE = "webhooks.manage"
OPEN = ("waiting", "sending")


def _own(principal: Any) -> str | None:
    """The client whose rows a principal is kept to; None for whoever looks after the whole chain."""
    return actor_of(principal).partition(":")[2] if getattr(principal, "is_api_client", False) else None


class WebhookEndpointQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        """An API client's own; all of them for those who look after them."""
        if not reach_of(principal).may(MANAGE):
            return self.none()
        own = _own(principal)
        return self if own is None else self.filter(client=own)

    def switched_on(self) -> Self:
        return self.filter(off_because="", client__is_active=True)

    def told_of(self, topic: str) -> Self:
        """Those that are told of a topic now, with their clients."""
        return self.switched_on().filter(topics__contains=[topic]).select_related("client__channel").order_by("pk")


class WebhookDeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        if not reach_of(principal).may(MANAGE):
            return self.none()
        own = _own(principal)
        return self if own is None else self.filter(endpoint__client=own)

    def open(self) -> Self:
        """Still to arrive."""
        return self.filter(status__in=OPEN)

    def of_same_object(self) -> Self:
        """For a subquery: what the same endpoint is told of the same object."""
        return self.filter(
            endpoint=OuterRef("endpoint"), topic=OuterRef("topic"), object_key=OuterRef("object_key")
        ).order_by()

    def due(self) -> Self:
        """What can be tried now: its time has come, and nothing earlier of the same object is still to arrive."""
        earlier = self.model._default_manager.of_same_object().filter(pk__lt=OuterRef("pk"), status__in=OPEN)
        return self.open().filter(~Exists(earlier), due_at__lte=timezone.now())

    def replayable(self) -> Self:
        """What arrived or was given up, unless something newer of the same object has arrived or is being sent: that would be
        undone."""
        sent = ["delivered", "sending"]
        newer = self.model._default_manager.of_same_object().filter(pk__gt=OuterRef("pk"), status__in=sent)
        return self.exclude(status__in=OPEN).filter(~Exists(newer))
