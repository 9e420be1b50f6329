"""What the service desk puts on the portal."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.core.reach import reach_of
from apps.customers.discretion import rules_from, tags_of
from apps.customers.models import Customer
from apps.customers.review.reasons import reason_source
from apps.customers.services.belongings import belonging
from apps.customers.services.lookup import grant_in_force
from apps.customers.services.open_work import open_work
from apps.customers.views.seeing import name_for, seen_on
from apps.portal import formats, registry
from apps.portal.contributions import Drawn, Through
from apps.portal.discretion import Tag
from apps.portal.registry import Figure, Section
from apps.service.guidance.policies import tags_in_force
from apps.service.models import ContactMoment, Question, Topic
from apps.service.near import contacts_near
from apps.service.services.conversations import current
from apps.service.timeline import Answers, ContactMoments, Questions
from apps.service.views.contacts import minutes_and_seconds
from apps.service.waiting import complaints_lately, questions_waiting
from apps.service.work import ANSWER


def contacts_today(principal: Any) -> Figure | None:
    """How many conversations there were today, and about what most of them went, for those who look after the chain."""
    if not reach_of(principal).every_location:
        return None
    today = timezone.localdate()
    moments = ContactMoment.objects.visible_to(principal).filter(business_date=today)
    topics = moments.order_by().values_list("topic").annotate(number=Count("pk")).order_by("-number", "topic")
    numbers = dict(topics)
    top = Topic.objects.filter(code__in=list(numbers)[:1]).first()
    return Figure(
        name=_("Contacts today"),
        value=formats.quantity(sum(numbers.values())),
        url=f"{reverse('service:contacts')}?{urlencode({'day_after': today, 'day_before': today})}",
        change=_("Most about: %(topic)s (%(number)s)") % {"topic": top.name, "number": numbers[top.code]}
        if top
        else "",
        how=_("Conversations written down today, by phone, e-mail, chat or in a store, with customers known or not."),
    )


def on_the_line(request: Any) -> Drawn | None:
    """The conversation one is in, with who it is as far as one may know."""
    going = current(actor_of(request.user))
    if going is None:
        return None
    customer, called = None, ""
    page = seen_on(request)
    if page is not None and going.source_record_id in page.records:
        customer, called = page.customer, name_for(page.customer, page.tags)
    elif going.source_record_id is not None:
        customer = Customer.objects.visible_to(request.user).filter(source_records=going.source_record_id).first()
        if customer is not None:
            grant = grant_in_force(customer, principal=request.user)
            called = name_for(customer, tags_of(request.user, grant, rules=page.tags.rules if page else None))
    handled = going.handled()
    seconds = {"talk": handled.talk, "hold": handled.hold, "after_work": handled.after_work}[going.state]
    return Drawn(
        template="service/_bar.html",
        bar={
            "going": going,
            "customer": customer,
            "called": called,
            "seconds": seconds,
            "clock": minutes_and_seconds(seconds),
            "url": customer.get_absolute_url() + "#panel-contact" if customer else reverse("service:new"),
        },
    )


def desk_waits(principal: Any) -> QuerySet[Question]:
    """Questions of stores that the desk has not answered."""
    return Question.objects.visible_to(principal).open().filter(location=None)


registry.navigation(
    Section.START,
    gettext_lazy("Desk"),
    "service:desk",
    "headset",
    "service.desk",
    desk_waits,
    order=20,
    key="h",
)
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("Questions"),
    "service:questions",
    "message-circle-question-mark",
    "service.view",
    order=22,
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
registry.navigation(
    Section.CUSTOMERS,
    gettext_lazy("What staff may say"),
    "guidance:policies",
    "message-square-text",
    "service.guidance",
    order=46,
)
registry.panel(
    "customers.customer",
    "guidance",
    gettext_lazy("What to say"),
    "guidance:with",
    "service.view",
    order=5,
)
rules_from(tags_in_force)
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
    ContactMoments(),
    "service.view",
    kind="contact",
    label=gettext_lazy("Contact"),
    through={Through.STORE, Through.DESK},
    order=30,
    datum="service.contacts",
)
reason_source("service", contacts_near)
open_work("questions", questions_waiting, "service.view", datum="service.contacts", order=20)
open_work("complaints", complaints_lately, "service.view", datum="service.contacts", order=30)
registry.timeline(
    "questions",
    Questions(),
    "service.view",
    kind="contact",
    through={Through.STORE, Through.DESK},
    order=31,
    datum="service.contacts",
)
registry.timeline(
    "answers",
    Answers(),
    "service.view",
    kind="contact",
    through={Through.STORE, Through.DESK},
    order=32,
    datum="service.contacts",
)
registry.work(ANSWER)
registry.bar("conversation", on_the_line, "service.desk")
registry.topic("policy.published", gettext_lazy("Published"))
registry.topic("question.asked", gettext_lazy("Asked"))
registry.topic("question.answered", gettext_lazy("Answered"))
registry.topic("contact.logged", gettext_lazy("Logged"))
registry.today("service.contacts", contacts_today, "service.view", order=25)

belonging(
    "contacts",
    gettext_lazy("Contact moments"),
    lambda records: ContactMoment.objects.filter(source_record__in=records).count(),
    order=40,
)
