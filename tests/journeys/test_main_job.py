"""The main job, end to end: a web order is collected, a till sale follows, one line comes back elsewhere, and everybody sees it.

By HTTP what machines do (webshop, till), in the browser what people do (three stores' staff, a franchisee, an agent), at both
widths, with axe on every page seen. The worker's part is done by the same functions that the worker runs.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.core.events.subscribers import catch_up
from apps.core.reconcile import reconcile
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from apps.loyalty.models import EarnRule, LoyaltyAccount
from apps.messages.services.sending import send_due
from tests.journeys.measuring import measured
from tests.messages.conftest import MailServer, mail_server
from tests.shop import Shop, open_shop

__all__ = ["mail_server"]
pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PASSWORD = "een lang wachtwoord"
EMAIL = "femke.postma@example.org"


@dataclass
class Desk:
    """A browser in front of one member of staff."""

    context: BrowserContext
    page: Page

    def goes_to(self, path: str) -> Page:
        self.page.goto(path)
        self.looks()
        return self.page

    def looks(self) -> None:
        """What is on the screen now fits it and keeps nobody out."""
        found = measured(self.page).response["violations"]
        overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{self.page.url} is {overflow} px too wide"
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], self.page.url


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    shop.receive(shop.s2, A=1)
    rules = draft_rule_set(
        version="2026-1",
        name="Contract",
        waterfall=["collect", "referral", "home", "residual"],
        valid_from=dt.date(2020, 1, 1),
    )
    publish_rule_set(rule_set=rules, principal=None)
    EarnRule.objects.create(version="2026-1", currency="EUR", points_per_unit=1)
    return shop


@pytest.fixture
def desk_of(browser: Browser, live_server: Any, shop: Shop) -> Iterator[Any]:
    """Hires somebody, who signs in with e-mail address and password; complaints on the console fail the test."""
    desks: list[Desk] = []
    complaints: list[str] = []

    def sign_in(role: str, width: int, **place: Any) -> Desk:
        email = f"{role}{len(desks)}@example.org"
        user = User.objects.create_user(email, PASSWORD, name=f"{Role(role).label} {len(desks)}", language="en")
        user.assignments.create(role=role, **place)
        context = browser.new_context(
            bypass_csp=True,  # axe styles what it measures
            base_url=live_server.url,
            locale="en-GB",
            reduced_motion="reduce",
            viewport={"width": width, "height": 800},
            has_touch=width < 800,
        )
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        desk = Desk(context, page)
        desks.append(desk)
        desk.goes_to("/account/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main button[type=submit]").first.click()
        expect(page).to_have_url(f"{live_server.url}/")
        desk.looks()
        return desk

    yield sign_in
    for desk in desks:
        desk.context.close()
    assert [text for text in complaints if not re.search(r"status of 4(04|09|22)", text)] == []


@pytest.fixture
def api(live_server: Any, shop: Shop) -> Any:
    """What the webshop and the till send, over HTTP."""

    def send(path: str, body: Any, *, key: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": key, "Content-Type": "application/json"}
        request = Request(f"{live_server.url}/api/v1/{path}", json.dumps(body).encode(), headers)
        with urlopen(request, timeout=20) as answer:
            return dict(json.load(answer))

    return send


def the_worker_works() -> None:
    """What Celery does a moment later."""
    catch_up()
    send_due()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_main_job(desk_of, api, shop: Shop, mail_server: MailServer, width: int) -> None:
    # given: a customer with a card
    address = {"postcode": "3511AB", "house_number": "12", "street": "Oudegracht", "city": "Utrecht", "country": "NL"}
    person = {"email": EMAIL, "first_name": "Femke", "last_name": "Postma", "account_id": "web-77", "address": address}
    card = api("customers/", person, key="sign-up")["loyalty_card"]

    # 3. the webshop orders two lines for collection in S1
    order = api(
        "orders/",
        shop.order_body(("A", 2), ("B", 1), customer=person | {"loyalty_card": card}),
        key="order",
    )
    assert shop.stock("A").reserved == 2
    the_worker_works()

    # 4. the store manager picks it, makes it ready and hands it over
    manager = desk_of(Role.STORE_MANAGER, width, location=shop.s1)
    page = manager.goes_to("/orders/pick/")
    page.get_by_role("link", name=re.compile(f"Pick {order['number']}")).click()
    manager.looks()
    page.get_by_role("button", name="Everything found").click()
    page.get_by_role("button", name="Make ready").click()
    manager.looks()
    the_worker_works()
    ready = mail_server.mails[-1]
    assert ready["To"] == EMAIL
    code = order["collect_code"]
    assert code in ready.get_content().replace(" ", "")
    page = manager.goes_to("/orders/collect/")
    box = page.get_by_role("textbox", name="Scan or type the collect code")
    box.fill("WRONG234")
    box.press("Enter")
    expect(page.locator("#scan-said")).not_to_be_empty()
    manager.looks()
    box.fill(code)
    box.press("Enter")
    page.locator("#scanned").get_by_role("button", name=re.compile("Hand over")).click()
    manager.looks()
    level = shop.stock("A")
    assert (level.on_hand, level.reserved) == (8, 0)

    # 5. a till sale in S1 with the customer's card
    answer = api(
        "sales/",
        {
            "store": "S1",
            "till": "1",
            "sequence": 41,
            "business_date": "2026-11-21",
            "occurred_at": "2026-11-21T15:00:00+01:00",
            "operator": "7",
            "currency": "EUR",
            "customer": {"loyalty_card": card},
            "lines": [
                {
                    "type": "sale",
                    "sku": "A",
                    "quantity": "1",
                    "unit_price": "10.00",
                    "amount": "10.00",
                    "vat_rate": "21",
                }
            ],
            "tenders": [{"method": "pin", "amount": "10.00"}],
        },
        key="sale",
    )
    assert (answer["accepted"], answer["quarantined"]) == (1, [])
    assert shop.stock("A").on_hand == 7
    the_worker_works()
    account = LoyaltyAccount.objects.get(card_number=card)
    assert (account.balance, account.pending) == (0, 40)

    # 6. one line comes back in S2, damaged
    elsewhere = desk_of(Role.STORE_MANAGER, width, location=shop.s2)
    page = elsewhere.goes_to("/returns/take-back/")
    box = page.get_by_role("textbox", name="Order number, receipt, collect code or return code")
    box.fill(order["number"])
    box.press("Enter")
    expect(page.get_by_role("heading", name=f"Take back from {order['number']}")).to_be_visible()
    elsewhere.looks()
    goods = page.get_by_role("group", name="Product A")
    goods.get_by_role("button", name=re.compile("^One more of Product A: .*amaged")).click()
    page.get_by_role("button", name="What goes back?").click()
    elsewhere.looks()
    page.get_by_role("button", name=re.compile(r"Give back €10\.00")).click()
    elsewhere.looks()
    the_worker_works()
    account.refresh_from_db()
    assert account.pending == 30
    assert shop.stock("A", shop.s2).on_hand == 1
    damaged = shop.variants["A"].levels.get(location=shop.s2, condition="damaged")
    assert damaged.on_hand == 1

    # 7. the franchisee of S1 sees what is credited, and why
    owner = desk_of(Role.FRANCHISEE, width, legal_entity=shop.franchisee)
    page = owner.goes_to("/online-revenue/")
    expect(page.get_by_role("main")).to_contain_text("24.79")  # 30.00 including 21% VAT
    expect(page.get_by_role("main")).to_contain_text("8.26")  # one of A came back
    page = owner.goes_to(f"/online-revenue/lines/{order['number']}/1/")
    expect(page.get_by_role("main")).to_contain_text("Collected in the store")
    stranger = elsewhere.page.goto(f"/online-revenue/lines/{order['number']}/1/")
    assert stranger.status == 404

    # 8. an agent finds the customer by postcode and house number, sees all of it, and writes the call down
    agent = desk_of(Role.SERVICE_AGENT, width)
    page = agent.goes_to("/customers/")
    page.get_by_label("What the customer says or shows").fill("3511 AB 12")
    page.get_by_role("button", name="Find customer").click()
    expect(page.get_by_role("heading", name="Femke Postma")).to_be_visible()
    timeline = page.get_by_role("main")
    expect(timeline).to_contain_text(order["number"])
    expect(timeline).to_contain_text(answer["numbers"][0])
    agent.looks()
    page.get_by_label(re.compile("What was said")).fill("Asked when the refund arrives.")
    page.get_by_role("button", name="Write down").click()
    expect(page.get_by_role("main")).to_contain_text("Asked when the refund arrives.")
    agent.looks()

    # and every running figure equals its ledger
    assert [o.check.name for o in reconcile() if o.differences] == []
