"""The tree of topics: how often each was talked about, and keeping it."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Fault, InvalidInput
from apps.portal.access import may
from apps.portal.pages import FormPage, PlainPage
from apps.service.forms import LANGUAGES, TopicForm
from apps.service.models import ContactMoment, Topic
from apps.service.services.topics import put_topic
from apps.service.tree import OTHER, TopicTree

DAYS = 30
_WORDS = 50


class TopicList(PlainPage):
    """All topics, with how many contacts were about each in the last thirty days and the thirty before."""

    permission = "service.view"
    rail = "service:contacts"
    template_name = "service/topics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        since, before = today - dt.timedelta(days=DAYS - 1), today - dt.timedelta(days=2 * DAYS - 1)
        rows = (
            self.visible(ContactMoment)
            .filter(business_date__gte=before, business_date__lte=today)
            .order_by()
            .values_list("topic")
            .annotate(
                now=Count("pk", filter=Q(business_date__gte=since)), then=Count("pk", filter=Q(business_date__lt=since))
            )
        )
        counts = {code: (now, then) for code, now, then in rows}
        tree = TopicTree.read()
        branches = []
        for top, parts in tree.branches():
            own = [self._row(part, counts.get(part.code, (0, 0)), since, today, level=2) for part in parts]
            sums = counts.get(top.code, (0, 0))
            total = (
                sums[0] + sum(row["now"] for row in own),
                sums[1] + sum(row["then"] for row in own),
            )
            branches.append([self._row(top, total, since, today, level=1), *own])
        unsorted = (
            self.visible(ContactMoment)
            .filter(topic__code=OTHER, business_date__gte=since, business_date__lte=today)
            .exclude(topic_word="")
            .order_by()
            .values_list("topic_word")
            .annotate(said=Count("pk"))
            .order_by("-said", "topic_word")
        )
        return super().get_context_data(
            rows=[row for branch in branches for row in branch],
            total=sum(branch[0]["now"] for branch in branches),
            unsorted=[row for row in unsorted[:_WORDS] if tree.called(row[0]) is None],
            may_change=may(self.request.user, "service.topics"),
            **kwargs,
        )

    def _row(
        self, topic: Topic, counts: tuple[int, int], since: dt.date, today: dt.date, *, level: int
    ) -> dict[str, Any]:
        asked = urlencode({"topic": topic.code, "day_after": since, "day_before": today})
        return {
            "topic": topic,
            "level": level,
            "now": counts[0],
            "then": counts[1],
            "url": f"{reverse('service:contacts')}?{asked}",
            "is_active": topic.is_active_on(today),
        }


class _Keeping(FormPage, abstract=True):
    permission = "service.topics"
    rail = "service:contacts"
    model = Topic
    lookup = "code"
    form_class = TopicForm
    back = ("service:topics", gettext_lazy("Topics"))

    def put(self, form: TopicForm, *, code: str) -> Topic:
        said = form.cleaned_data
        return put_topic(
            code=code,
            parent=said["parent"],
            names=form.names,
            words=said["words"].split(","),
            order=said["order"],
            active_from=said["active_from"],
            active_until=said["active_until"],
        )

    def get_success_url(self, result: Topic) -> str:
        return reverse("service:topics")

    def get_success_message(self, result: Topic) -> Any:
        return _("%(topic)s is kept.") % {"topic": result.name}


class AddTopic(_Keeping):
    """A topic that was not there yet."""

    permission = "service.topics"
    title = gettext_lazy("New topic")

    def perform(self, form: TopicForm) -> Topic:
        code = form.cleaned_data["code"]
        if Topic.objects.filter(code=code).exists():
            detail = _("There is a topic with this code already.")
            raise InvalidInput(detail, faults=[Fault("invalid", detail, "code")])
        return self.put(form, code=code)


class ChangeTopic(_Keeping):
    """Name, place, words and time of a topic."""

    permission = "service.topics"

    def get_title(self) -> Any:
        return self.object.name

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"topic": self.object}

    def get_initial(self) -> dict[str, Any]:
        topic: Topic = self.object
        names = {f"name_{language}": topic.names.get(language, "") for language in LANGUAGES}
        return {
            "parent": topic.parent.code if topic.parent else None,
            "words": ", ".join(topic.words),
            "order": topic.order,
            "active_from": topic.active_from,
            "active_until": topic.active_until,
            **names,
        }

    def get_object_url(self) -> str:
        return reverse("service:topics")

    def perform(self, form: TopicForm) -> Topic:
        return self.put(form, code=self.object.code)
