"""Contact moments: the list, one of them, and writing one down, of a customer or of nobody in particular."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.customers.models import Customer
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.views import CustomerPanel, SeesCustomer
from apps.customers.views.seeing import name_for
from apps.portal.pages import Action, DetailPage, Fact, FormPage, ListPage, Preset
from apps.portal.store import store_of
from apps.service.filters import ContactFilter
from apps.service.forms import ContactForm
from apps.service.guidance.cards import note_shown, rules_shown
from apps.service.models import CardShown, ContactEvent, ContactMoment
from apps.service.services.contacts import Contact, log_contact
from apps.service.services.conversations import Conversation, current, handled
from apps.service.services.questions import ask
from apps.service.tables import ContactTable
from apps.service.tree import TopicTree


class ContactList(ListPage):
    permission = "service.view"
    model = ContactMoment
    table_class = ContactTable
    filterset_class = ContactFilter
    search_fields = ("order_number__istartswith", "handled_by")
    views = (
        Preset("all", gettext_lazy("All")),
        Preset("complaints", gettext_lazy("Complaints"), {"topic": "complaint"}),
        Preset("orders", gettext_lazy("Where is my order"), {"topic": "order_status"}),
    )
    actions = (
        Action(label=gettext_lazy("By topic"), route="service:topics", permission="service.view", icon="list-tree"),
        Action(
            label=gettext_lazy("Write a contact down"),
            route="service:new",
            permission="service.write",
            icon="pencil",
            primary=True,
        ),
    )
    select_related = ("location", "topic")
    ordering = ("-occurred_at",)
    large = True
    title = gettext_lazy("Contact moments")
    empty_title = gettext_lazy("No contact moments yet")
    empty_text = gettext_lazy("They are written down on the page of the customer.")
    empty_icon = "message-square"


class ContactPage(DetailPage):
    """One conversation."""

    permission = "service.view"
    model = ContactMoment
    lookup = "key"
    template_name = "service/contact.html"
    select_related = ("location", "topic__parent", "source_record__customer")
    back = ("service:contacts", gettext_lazy("Contact moments"))

    def get_title(self) -> Any:
        return self.object.topic.name

    def get_sub(self) -> list[Any]:
        parts = [self.object.get_channel_display(), self.object.get_direction_display()]
        parent = self.object.topic.parent
        return [parent.name, *parts] if parent else parts

    def get_facts(self) -> list[Fact]:
        moment = self.object
        customer = moment.source_record.customer if moment.source_record else None
        facts = [Fact(_("Handled by"), moment.handled_by or "–")]
        if moment.location:
            facts.append(Fact(_("Store"), moment.location.name))
        if moment.topic_word and TopicTree.read().called(moment.topic_word) is None:
            facts.append(Fact(_("As it came"), moment.topic_word, note=_("The other system's own word for it")))
        if moment.order_number:
            found = f"{reverse('portal:search')}?{urlencode({'q': moment.order_number})}"
            facts.append(Fact(_("Order"), moment.order_number, url=found))
        if moment.handling_seconds is not None:
            facts.append(Fact(_("Handling time"), minutes_and_seconds(moment.handling_seconds), note=self._parts()))
        if customer is not None and self.visible(Customer).filter(pk=customer.pk).exists():
            facts.append(Fact(_("Customer"), str(customer), url=customer.get_absolute_url()))
        elif customer is not None:
            facts.append(Fact(_("Customer"), _("Known"), note=_("Look the customer up to see who it is.")))
        if shown := CardShown.objects.filter(contact=moment).select_related("policy").first():
            rules = ", ".join(rules_shown(shown))
            policy = shown.policy
            facts.append(
                Fact(
                    _("Guidance shown"),
                    policy or _("The standard rules"),
                    url=policy.get_absolute_url() if policy else "",
                    note=rules,
                )
            )
        return facts

    def _parts(self) -> Any:
        """What the handling time is made of, where its steps are known."""
        if self.object.conversation is None:
            return _("As the other system says")
        took = handled(ContactEvent.objects.filter(conversation=self.object.conversation).order_by("id"))
        return _("talking %(talk)s, on hold %(hold)s, finishing %(after)s") % {
            "talk": minutes_and_seconds(took.talk),
            "hold": minutes_and_seconds(took.hold),
            "after": minutes_and_seconds(took.after_work),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        questions = self.object.questions.select_related("location", "answer").order_by("asked_at")
        return super().get_context_data(questions=questions, **kwargs)


def minutes_and_seconds(seconds: int) -> str:
    """How long a conversation took: 6:12, or with hours 1:06:12."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class Composing(FormPage, abstract=True):
    """Writing a conversation down: one field and a topic. The time it took is known from its steps, if it was begun."""

    permission = "service.write"
    form_class = ContactForm
    template_name = "service/compose.html"
    button = gettext_lazy("Write down")

    @cached_property
    def going(self) -> Conversation | None:
        return current(actor_of(self.request.user))

    @property
    def in_store(self) -> bool:
        return store_of(self.request) is not None

    def get_initial(self) -> dict[str, Any]:
        return ContactForm.fresh(in_store=self.in_store, going=self.going)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"in_store": self.in_store, "card_url": self.card_url}

    @property
    def card_url(self) -> str:
        """Where the guidance beside the form comes from."""
        return reverse("guidance:card")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(card_url=self.card_url, form_id="contact-form", **kwargs)

    def write(self, form: ContactForm, *, source_record_id: int | None) -> ContactMoment:
        said, conversation = form.cleaned_data, form.cleaned_data["conversation"]
        name = str(self.request.user)
        contact = Contact(
            source=DESK,
            external_id=str(conversation),
            source_record_id=source_record_id,
            channel=said["channel"],
            direction=said["direction"],
            topic=said["topic"],
            text=said["text"],
            order_number=said["order_number"].strip().upper(),
            location=store_of(self.request),
            conversation=conversation,
            handled_by=name,
            occurred_at=self._began(conversation),
        )
        actor = actor_of(self.request.user)
        moment, is_new = log_contact(contact=contact, actor=actor)
        if is_new and said["card"]:
            note_shown(contact=moment, token=said["card"])
        if is_new and said["question"]:
            ask(contact=moment, text=said["question"], of=said.get("ask_store"), actor=actor, asked_by=name)
        return moment

    def _began(self, conversation: uuid.UUID) -> dt.datetime:
        going = self.going
        return going.began if going and going.key == conversation else timezone.now()


class LogContact(SeesCustomer, Composing):
    """Write down a conversation with a customer."""

    permission = "service.write"
    title = gettext_lazy("Write this contact down")

    @property
    def card_url(self) -> str:
        return reverse("guidance:with", kwargs={"key": self.object.key})

    def perform(self, form: ContactForm) -> ContactMoment:
        return self.write(form, source_record_id=record_for(self.object, source=DESK).pk)

    def get_success_url(self, result: ContactMoment) -> str:
        return self.get_object_url()

    def get_success_message(self, result: ContactMoment) -> Any:
        return _("Contact with %(customer)s written down.") % {"customer": name_for(self.object, self.tags)}


class NewContact(Composing):
    """Write down a conversation with somebody who did not say who they are."""

    permission = "service.write"
    model = ContactMoment
    lookup = "key"
    title = gettext_lazy("Write a contact down")
    back = ("service:contacts", gettext_lazy("Contact moments"))

    def perform(self, form: ContactForm) -> ContactMoment:
        return self.write(form, source_record_id=None)

    def get_success_url(self, result: ContactMoment) -> str:
        return reverse("service:contacts")

    def get_success_message(self, result: ContactMoment) -> Any:
        return _("Written down: %(topic)s.") % {"topic": result.topic.name}


class ComposeContact(CustomerPanel):
    """The form on the customer's page."""

    permission = "service.write"
    title = gettext_lazy("Write this contact down")
    template_name = "service/_compose.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        going, in_store = current(actor_of(self.request.user)), store_of(self.request) is not None
        card_url = reverse("guidance:with", kwargs={"key": self.object.key})
        initial = ContactForm.fresh(in_store=in_store, going=going)
        form = ContactForm(initial=initial, in_store=in_store, card_url=card_url)
        address = self.with_list(reverse("service:log", kwargs=self.kwargs))
        return super().get_context_data(form=form, address=address, going=going, **kwargs)
