"""The order in which the demo is built."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction
from django.utils import translation
from django.utils.formats import date_format

from apps.accounts.models import DemoMark, User
from apps.catalogue.models import Product
from apps.core.comparing.runs import compare_all
from apps.core.errors import Conflict
from apps.core.events.subscribers import catch_up
from apps.customers.models import Customer
from apps.franchise.models import Evidence
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from apps.inventory.services.selling_through import work_out_sell_through
from apps.inventory.services.transfers.balancing import work_out_all
from apps.kpis.models import DailySales, Measure
from apps.kpis.services.goals import set_goal
from apps.kpis.services.measuring import figures
from apps.loyalty.models import EarnRule
from apps.loyalty.services.activating import activate_due
from apps.network.models import LegalEntity, Location
from apps.orders.models import Order
from apps.portal.periods import Period
from apps.tills.adapters.online_retail import OnlineRetail
from apps.tills.management.commands.import_sales import SAMPLES
from apps.tills.services.importing import import_invoices
from config.demo.chain import build_chain
from config.demo.consignments import consign_some
from config.demo.counts import Counting
from config.demo.deliveries import announce_deliveries
from config.demo.guidance import publish_guidance
from config.demo.history import write_purchases, write_returns
from config.demo.hours import open_doors
from config.demo.live import Today
from config.demo.people import imagine_people, know_people
from config.demo.picture import ask_stores, make_segments, take_over, watch_over
from config.demo.plan import Plan
from config.demo.privacy import ask_about_data
from config.demo.recalls import recall_something
from config.demo.shelf_prices import build_range
from config.demo.shopping import Shelves, Shopper, imagine_purchases
from config.demo.slots import choose_slots, offer_slots
from config.demo.sourcing import publish_sourcing
from config.demo.staff import Staff, hire_staff, keep_access
from config.demo.stock import receive_all, shelve_all
from config.demo.tills import ring_up
from config.demo.transfers import Moving
from config.demo.webhooks import tell_webshop

Say = Callable[[str], None]

_GOAL_YEARS, _GOAL_GROWTH = 5, Decimal("1.6")


class NotADemo(Conflict):
    """The database holds something that is no demo."""

    code = "not_a_demo"


class Progress:
    """Tells what is being done, how far it is, and how long it took."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.started = time.monotonic()
        self._said = 0.0

    @contextmanager
    def step(self, what: str) -> Iterator["Progress"]:
        self.what, begun = what, time.monotonic()
        self._said = begun
        self.result = ""
        yield self
        self.say(f"  {what + ('  ' + self.result if self.result else ''):<58}{time.monotonic() - begun:6.1f} s")

    def at(self, done: int, total: int) -> None:
        """Say how far it is, at most every two seconds."""
        now = time.monotonic()
        if now - self._said >= 2 and done < total:
            self._said = now
            self.say(f"    {done:,} of {total:,}".replace(",", " "))

    def count(self, number: int, of_what: str) -> None:
        self.result = f"{number:,} {of_what}".replace(",", " ")


def refuse_real_data() -> None:
    """Raise `NotADemo` for a database that holds anything and does not say that it is a demo."""
    if any(model.objects.exists() for model in (LegalEntity, Location, User, Product, Customer, Order)):
        raise NotADemo("This database is not empty and not a demo. The demo wants an empty one.")


def is_built() -> bool:
    return DemoMark.objects.exists()


def build(plan: Plan, *, access_file: Path, say: Say) -> None:
    """Build the demo in one transaction: all of it or nothing. Raises `NotADemo` rather than touch other data."""
    with transaction.atomic():
        refuse_real_data()
        staff = _build(plan, Progress(say))
        DemoMark.objects.create(seed=plan.seed)
    keep_access(staff.access, access_file)


def _build(plan: Plan, progress: Progress) -> Staff:
    with progress.step("Stores, companies, channels") as step:
        chain = build_chain(plan)
        open_doors(plan, chain)
        step.count(len(chain.stores) + len(chain.dcs), "locations")
    with progress.step("Products and prices") as step:
        range_ = build_range(plan, chain)
        step.count(len(range_.variants), "variants")
    staff = hire_staff(chain)
    _set_rules(plan, staff)
    with progress.step("Customers and cards") as step:
        people = imagine_people(plan, chain)
        know_people(plan, people)
        step.count(len(people.everybody), "customers")
    with progress.step("Thinking up purchases") as step:
        shelves = Shelves(plan, chain, range_)
        baskets = list(imagine_purchases(plan, chain, range_, people, shelves))
        step.count(len(baskets), "purchases")
    with progress.step("Goods in consignment") as step:
        step.count(consign_some(plan), "variants")
    with progress.step("Receiving goods") as step:
        step.count(receive_all(plan, chain, range_, shelves, baskets), "lines")
    _analyse()
    with progress.step("Selling them") as step:
        order_ids = write_purchases(baskets, progress=step.at)
        step.count(len(order_ids), "orders")
    _analyse()
    with progress.step("Taking some back") as step:
        step.count(write_returns(plan, chain, baskets, order_ids), "returns")
    with progress.step("Shelves") as step:
        step.count(shelve_all(plan, chain), "shelf lines")
    with progress.step("Yesterday's tickets") as step:
        shopper = Shopper(plan, chain, range_, people, shelves, part="tills")
        step.count(ring_up(plan, chain, range_, shopper, client=staff.clients["till"]), "tickets")
    publish_sourcing(plan)
    publish_guidance(plan)
    offer_slots(plan, chain)
    with progress.step("Announced deliveries") as step:
        step.count(announce_deliveries(plan, chain), "deliveries")
    with progress.step("Today: orders, conversations") as step:
        today = Today(plan, chain, range_, people, shelves)
        step.count(today.place_orders() + choose_slots(today, chain), "orders")
        today.talk()
    with progress.step("One picture of customers") as step:
        step.count(take_over(people).joined, "joined by likeness")
        ask_stores(chain, staff)
        watch_over(people, staff)
    with progress.step("Privacy requests") as step:
        step.count(ask_about_data(plan, people, staff), "requests")
    with progress.step("Goods between locations") as step:
        step.count(Moving(plan, chain).move(), "transfers")
    with progress.step("Counts") as step:
        step.count(Counting(plan, chain, staff).count(), "counts")
    with progress.step("Webhooks") as step:
        step.count(tell_webshop(staff.clients["webshop"]), "messages")
    with progress.step("A real web shop's invoices (sample)") as step:
        imported = import_invoices(SAMPLES[OnlineRetail.name], adapter=OnlineRetail())
        step.count(imported.invoices, "invoices")
    with progress.step("Points, revenue shares, figures, mail") as step:
        step.count(catch_up(), "events read")
        activate_due(day=plan.today)
    _set_goal(plan, staff)
    _analyse()
    make_segments(staff)
    with progress.step("Recalling a product") as step:
        step.count(recall_something(chain.demo_store), "variants")
    with progress.step("Stock in the wrong place") as step:
        work_out_sell_through()
        step.count(work_out_all(), "imbalances")
    with progress.step("Comparing the books") as step:
        step.count(compare_all().differences, "differences")
    return staff


def _analyse() -> None:
    """Tell the planner what was just written; a table that is being analysed already needs no second time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED)")


def _set_rules(plan: Plan, staff: Staff) -> None:
    """What points are earned by and online revenue is credited by, from before the first sale."""
    since = plan.starts_on - dt.timedelta(days=30)
    EarnRule.objects.create(version=f"{since.year}-1", currency="EUR", points_per_unit=1, valid_from=since)
    rules = draft_rule_set(
        version=f"{since.year}-1",
        name="Afhaalwinkel, verwijzing, eigen winkel",
        waterfall=[Evidence.COLLECT, Evidence.REFERRAL, Evidence.HOME, Evidence.RESIDUAL],
        valid_from=since,
    )
    publish_rule_set(rule_set=rules, principal=staff.users["head_office"])


def _in_dutch(text: str, *days: dt.date) -> str:
    """A text with days as the people of the demo write them: 18 oktober 2025."""
    with translation.override("nl"):
        return text % tuple(date_format(day, "j F Y") for day in days)


def _set_goal(plan: Plan, staff: Staff) -> None:
    """One goal: so much more online sales in five years. Its baseline is what the first year of the history sold."""
    year = Period(plan.starts_on, plan.starts_on + dt.timedelta(days=364))
    sold = figures(DailySales.objects.all(), currency="EUR", period=year).of(Measure.ONLINE_SALES)
    if not sold or sold <= 0:
        return
    set_goal(
        slug="online-omzet",
        name="Online omzet met 60% laten groeien in vijf jaar",
        measure=Measure.ONLINE_SALES,
        currency="EUR",
        baseline=sold,
        baseline_source=_in_dutch("Netto online omzet van %s tot en met %s", year.start, year.end),
        target=(sold * _GOAL_GROWTH).quantize(Decimal(1000)) or sold * _GOAL_GROWTH,
        starts_on=dt.date(plan.today.year, 1, 1),
        ends_on=dt.date(plan.today.year + _GOAL_YEARS - 1, 12, 31),
        owner=staff.users["head_office"],
        why="Klanten die online én in de winkel kopen, besteden meer. Elke winkel deelt in de groei.",
    )
