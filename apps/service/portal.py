"""What the service desk puts on the portal."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.reach import reach_of
from apps.customers.review.reasons import reason_source
from apps.customers.services.belongings import belonging
from apps.portal import formats, registry
from apps.portal.contributions import Through
from apps.portal.discretion import Tag
from apps.portal.registry import Figure, Section
from apps.service.models import ContactMoment, Topic
from apps.service.near import contacts_near
from apps.service.timeline import contact_moments


def contacts_today(principal: Any) -> Figure | None:
    """How many conversations there were today, and about what most of them went, for those who look after the chain."""
    if not reach_of(principal).every_location:
        return None
    today = timezone.localdate()
    moments = ContactMoment.objects.visible_to(principal).filter(business_date=today)
    topics = moments.order_by().values_list("topic").annotate(number=Count("pk")).order_by("-number", "topic")
    numbers = dict(topics)
    top = next(iter(numbers), "")
    return Figure(
        name=_("Contacts today"),
        value=formats.quantity(sum(numbers.values())),
        url=f"{reverse('service:contacts')}?{urlencode({'day_after': today, 'day_before': today})}",
        change=_("Most about: %(topic)s (%(number)s)") % {"topic": Topic(top).label, "number": numbers[top]}
        if top
        else "",
        how=_("Conversations written down today, by phone, e-mail, chat or in a store, with customers known or not."),
    )


registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Contact moments"),
    "service:contacts",
    "message-square",
    "service.view",
    order=20,
    key="m",
)
registry.panel(
    "customers.customer",
    "contact",
    gettext_lazy("Write this contact down"),
    "service:compose",
    "service.write",
    order=50,
)
registry.datum("service.contacts", gettext_lazy("Earlier contact"), Tag.DISCREET)
registry.timeline(
    "contact moments",
    contact_moments,
    "service.view",
    kind="contact",
    label=gettext_lazy("Contact"),
    through={Through.STORE, Through.DESK},
    order=30,
    datum="service.contacts",
)
reason_source("service", contacts_near)
registry.topic("contact.logged", gettext_lazy("Logged"))
registry.today("service.contacts", contacts_today, "service.view", order=25)

belonging(
    "contacts",
    gettext_lazy("Contact moments"),
    lambda records: ContactMoment.objects.filter(source_record__in=records).count(),
    order=40,
)
