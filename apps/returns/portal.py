"""What the returns app puts on the portal."""

from django.utils.translation import gettext_lazy as _

from apps.customers.services.open_work import open_work
from apps.customers.timeline import VISITS
from apps.portal import registry
from apps.portal.contributions import Through
from apps.portal.discretion import Tag
from apps.portal.registry import Section
from apps.returns.guiding import waiting_for_return
from apps.returns.scanning import match_return, note_unknown
from apps.returns.searching import find_returns, open_return_given
from apps.returns.timeline import Brought, Returns
from apps.returns.waiting import returns_waiting
from apps.returns.work import INSPECT
from apps.service.guidance.states import State, matter

registry.navigation(Section.SALES, _("Returns"), "returns:returns", "undo-2", "returns.view", order=20, key="r")
registry.search(
    "return",
    _("Returns"),
    find_returns,
    "returns.view",
    icon="undo-2",
    order=20,
    list_route="returns:returns",
    look_up=open_return_given,
)
registry.scan(
    "return",
    _("Return number or code"),
    match_return,
    "returns.accept",
    icon="undo-2",
    order=30,
    unknown=note_unknown,
)
registry.datum(
    "returns.history", _("What they brought back"), Tag.DISCREET, opens_with={"loyalty_card", "order", "return"}
)
registry.timeline(
    "returns",
    Returns(),
    "returns.view",
    label=_("Returns"),
    through={Through.STORE, Through.ONLINE},
    order=20,
    datum="returns.history",
)
registry.timeline(
    "brought",
    Brought(),
    "returns.view",
    kind=VISITS,
    label=_("Visits"),
    through={Through.STORE},
    order=27,
    datum="returns.history",
)
registry.panel("orders.order", "returns", _("Returns"), "returns:on-order", "returns.view", order=20)
open_work("returns", returns_waiting, "returns.view", datum="returns.history", order=10)
registry.panel(
    "customers.customer",
    "spending",
    _("Spend"),
    "returns:spending",
    "customers.view",
    order=40,
    side=True,
    datum="orders.spend",
)
matter(State(name="return", label=_("Waits for a return"), order=30, datum="returns.history"), waiting_for_return)
registry.topic("return.announced", _("Announced"))
registry.topic("return.received", _("Received"))
registry.topic("return.inspected", _("Inspected"))
registry.topic("return.settled", _("Settled"))
registry.topic("return.withdrawn", _("Withdrawn in part or whole"))
registry.work(INSPECT)
