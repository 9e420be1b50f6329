"""An act that is not possible now stands on the page with the reason that the service would give."""

import re

import pytest

from apps.orders.models import Order
from apps.orders.services.cancelling import cancel
from apps.orders.services.fulfilling import hand_over, mark_ready, pick
from apps.orders.services.rerouting import reroute
from apps.orders.services.shipping import ship
from apps.orders.services.shortages import report_short
from apps.portal.pages.actions import refused_by
from tests.orders.counter import order_of, text_of
from tests.orders.test_sending_from_store import JAN
from tests.staff import browser


def acts_on(client, order: Order) -> dict[str, str]:
    """The acts on the page of an order: the reason why not, blank where the act is possible."""
    page = text_of(client.get(order.get_absolute_url()))
    head = page.split('<div class="actions">')[1].split("</header>")[0] if '<div class="actions">' in page else ""
    head = re.sub(r"<svg.*?</svg>", "", head)
    found = dict.fromkeys(re.findall(r'<a class="button[^>]*>([^<]+)</a>', head), "")
    reasons = re.findall(r'aria-disabled="true"[^>]*>([^<]+)</summary><p id="[^"]+">([^<]+)</p>', head)
    return found | dict(reasons)


def test_each_step_says_what_it_waits_for(shop, manager):
    client = browser(manager)
    order = order_of(shop, ("A", 1))
    assert acts_on(client, order) == {
        "Shelf list": "",
        "Cancel": "",
        "Another way": "",
        "Who collects": "",
        "Pick": "",
        "Make ready": "Pick every line first, or report what is not there.",
        "Hand over": "This order is not ready to be collected.",
    }
    pick(number=order.number, actor="system")
    assert acts_on(client, order) == {
        "Shelf list": "",
        "Cancel": "",
        "Another way": "",
        "Who collects": "",
        "Make ready": "",
        "Hand over": "This order is not ready to be collected.",
    }
    mark_ready(number=order.number, actor="system")
    assert acts_on(client, order) == {
        "Shelf list": "",
        "Cancel": "",
        "Another way": "",
        "Who collects": "",
        "Keep longer": "",
        "Hand over": "",
    }
    hand_over(number=order.number, collect_code=order.collect_code or "", actor="system")
    assert acts_on(client, order) == {
        "Cancel": "What the customer has cannot be cancelled; take it back instead.",
        "Another way": "The customer has the goods already.",
        "Hand over": "The customer has the goods already.",
    }


def test_a_parcel_that_left_stays_away(shop, manager):
    shop.sends(shop.s1)
    order = order_of(shop, ("A", 1), fulfilment={"method": "delivery", "address": JAN["address"]}, customer=JAN)
    pick(number=order.number, actor="system")
    ship(number=order.number, actor="system")
    assert acts_on(browser(manager), order) == {"Make parcel": "The parcel has left already."}


def test_what_waits_for_money_or_stock_says_so(shop, manager):
    client = browser(manager)
    unpaid = order_of(shop, payments=[])
    assert acts_on(client, unpaid)["Pick"] == "This order waits for its payment."
    short = order_of(shop, ("A", 1))
    report_short(number=short.number, line=1, actor="system")
    assert acts_on(client, short)["Pick"] == "This order waits for stock."


def test_what_is_cancelled_cannot_be_cancelled_again(shop, manager):
    order = order_of(shop)
    cancel(number=order.number, actor="system")
    assert acts_on(browser(manager), order)["Cancel"] == "Everything on this order is cancelled already."


def test_who_may_not_act_sees_no_reason_either(shop, associate):
    order = order_of(shop)
    assert "Cancel" not in acts_on(browser(associate), order)


@pytest.mark.parametrize("steps", [[], ["pick"], ["pick", "ready"], ["pick", "ready", "collect"], ["cancel"]])
def test_the_page_and_the_services_never_disagree(shop, manager, steps):
    # given an order at each of its steps
    order = order_of(shop, ("A", 1))
    services = {
        "pick": lambda: pick(number=order.number, actor="system"),
        "ready": lambda: mark_ready(number=order.number, actor="system"),
        "collect": lambda: hand_over(number=order.number, collect_code=order.collect_code or "", actor="system"),
        "cancel": lambda: cancel(number=order.number, actor="system"),
        "reroute": lambda: reroute(number=order.number, to=shop.s2, actor="system"),
    }
    for step in steps:
        services[step]()
    before = list(order.lines.values_list("status", flat=True))
    # when each service is asked for what the page says is not possible
    words = {
        "Pick": "pick",
        "Make ready": "ready",
        "Hand over": "collect",
        "Cancel": "cancel",
        "Another way": "reroute",
    }
    for name, reason in acts_on(browser(manager), order).items():
        if reason:
            assert refused_by(lambda _order, name=name: services[words[name]](), order) in (
                "",
                reason,
            )  # "" is a repeat
            assert list(order.lines.values_list("status", flat=True)) == before
