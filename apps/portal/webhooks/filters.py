"""Filters of the lists of webhooks."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiClient, WebhookDelivery, WebhookEndpoint
from apps.accounts.webhooks.models import DeliveryStatus
from apps.accounts.webhooks.registering import TEST
from apps.accounts.webhooks.topics import topic_names
from apps.portal.filters import DayRangeFilter, FilterSet


def _clients(request: object) -> QuerySet[ApiClient]:
    return ApiClient.objects.filter(webhook_endpoints__isnull=False).distinct()


def _topics() -> list[tuple[str, str]]:
    return [(name, name) for name in [*topic_names(), TEST]]


class EndpointFilter(FilterSet):
    client = django_filters.ModelChoiceFilter(label=_("API client"), queryset=_clients, empty_label=_("all clients"))
    off_because = django_filters.ChoiceFilter(
        label=_("Switched off"), choices=WebhookEndpoint.Off.choices, empty_label=_("either")
    )

    class Meta:
        model = WebhookEndpoint
        fields: list[str] = []


class DeliveryFilter(FilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=DeliveryStatus.choices, empty_label=_("any"))
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=_topics, empty_label=_("all topics"))
    client = django_filters.ModelChoiceFilter(
        label=_("API client"), field_name="endpoint__client", queryset=_clients, empty_label=_("all clients")
    )
    problem = django_filters.ChoiceFilter(
        label=_("Problem"), choices=WebhookDelivery.Problem.choices, empty_label=_("any")
    )
    made = DayRangeFilter(field_name="made_at", label=_("Made"))

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []
