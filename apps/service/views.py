"""Contact moments: the list, one of them, and writing one down on a customer's page."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.actors import actor_of
from apps.customers.models import Customer
from apps.customers.services.signing_up import record_for
from apps.customers.services.sources import DESK
from apps.customers.views import CustomerPanel, SeesCustomer
from apps.portal.pages import DetailPage, Fact, FormPage, ListPage, Preset
from apps.portal.store import store_of
from apps.service.filters import ContactFilter
from apps.service.forms import ContactForm
from apps.service.models import ContactMoment
from apps.service.services import Contact, log_contact
from apps.service.tables import ContactTable


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
    select_related = ("location",)
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
    select_related = ("location", "source_record__customer")
    back = ("service:contacts", gettext_lazy("Contact moments"))

    def get_title(self) -> Any:
        return self.object.get_topic_display()

    def get_sub(self) -> list[Any]:
        return [self.object.get_channel_display(), self.object.get_direction_display()]

    def get_facts(self) -> list[Fact]:
        moment = self.object
        customer = moment.source_record.customer if moment.source_record else None
        facts = [Fact(_("Handled by"), moment.handled_by or "–")]
        if moment.location:
            facts.append(Fact(_("Store"), moment.location.name))
        if moment.order_number:
            found = f"{reverse('portal:search')}?{urlencode({'q': moment.order_number})}"
            facts.append(Fact(_("Order"), moment.order_number, url=found))
        if moment.handling_seconds is not None:
            facts.append(Fact(_("Handling time"), _("%(minutes)s min") % {"minutes": moment.handling_seconds // 60}))
        if customer is not None and self.visible(Customer).filter(pk=customer.pk).exists():
            facts.append(Fact(_("Customer"), str(customer), url=customer.get_absolute_url()))
        elif customer is not None:
            facts.append(Fact(_("Customer"), _("Known"), note=_("Look the customer up to see who it is.")))
        return facts


class ComposeContact(CustomerPanel):
    """The form on the customer's page."""

    permission = "service.write"
    title = gettext_lazy("Write this contact down")
    template_name = "service/_compose.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = ContactForm(initial=ContactForm.fresh(in_store=store_of(self.request) is not None))
        address = self.with_list(reverse("service:log", kwargs=self.kwargs))
        return super().get_context_data(form=form, address=address, **kwargs)


class LogContact(SeesCustomer, FormPage):
    """Write down a conversation with a customer."""

    permission = "service.write"
    form_class = ContactForm
    title = gettext_lazy("Write this contact down")

    def get_initial(self) -> dict[str, Any]:
        return ContactForm.fresh(in_store=store_of(self.request) is not None)

    def perform(self, form: ContactForm) -> ContactMoment:
        said = form.cleaned_data
        minutes = said["minutes"]
        contact = Contact(
            source=DESK,
            external_id=said["conversation"],
            source_record_id=record_for(self.object, source=DESK).pk,
            channel=said["channel"],
            direction=said["direction"],
            topic=said["topic"],
            text=said["text"],
            order_number=said["order_number"].strip().upper(),
            location=store_of(self.request),
            handling_seconds=None if minutes is None else minutes * 60,
            handled_by=str(self.request.user),
            occurred_at=timezone.now(),
        )
        moment, _is_new = log_contact(contact=contact, actor=actor_of(self.request.user))
        return moment

    def get_success_url(self, result: ContactMoment) -> str:
        return self.get_object_url()

    def get_success_message(self, result: ContactMoment) -> Any:
        return _("Contact with %(customer)s written down.") % {"customer": self.object}
