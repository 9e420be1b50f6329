"""What the service desk knows of a person that segments can be made by."""

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.customers.segments.measures import Kind, Measure, register
from apps.service.models import ContactMoment
from apps.service.topics import COMPLAINT

_GROUP = _("Service")

register(
    Measure(
        name="service.contacts",
        group=_GROUP,
        label=_("Number of contact moments"),
        said=_("had contact with us %(value)s×"),
        kind=Kind.NUMBER,
        rows=lambda asked: asked.in_period(ContactMoment.objects.all(), "business_date"),
        by_period=True,
    ),
    Measure(
        name="service.complaints",
        group=_GROUP,
        label=_("Number of complaints"),
        said=_("complained %(value)s×"),
        kind=Kind.NUMBER,
        rows=lambda asked: asked.in_period(ContactMoment.objects.filter(COMPLAINT), "business_date"),
        by_period=True,
    ),
    Measure(
        name="service.last",
        group=_GROUP,
        label=_("Last contact moment"),
        said=_("was last in contact with us %(value)s"),
        kind=Kind.DAY,
        rows=lambda asked: ContactMoment.objects.all(),
        measured=Max("business_date"),
    ),
)
