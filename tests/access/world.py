"""Two stores with a life of their own, and one member of staff for each role.

S1 belongs to the franchisee; the store manager, the associate and the franchisee are of S1. S2 is the retailer's. In each a
customer collected an order, wrote in, and announced a return; another one's parcel waits to be sent from there.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from apps.accounts.models import User, WebhookDelivery
from apps.accounts.roles import Role
from apps.accounts.services import grant_access
from apps.accounts.webhooks.queueing import queue
from apps.accounts.webhooks.registering import register_endpoint
from apps.core.comparing.runs import compare_all
from apps.core.jobs.running import run_job
from apps.core.jobs.starting import start_job
from apps.core.models import Comparison, Job
from apps.core.reach import reach_of
from apps.customers.models import BarredValue, Doubt, Finding, MatchingRun, PrivacyRequest, Segment, Watched
from apps.customers.review.services import watch
from apps.customers.rights.handling import receive
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.services.saving import make_segment
from apps.customers.services.joining import ask as ask_about
from apps.customers.services.setting_apart import block
from apps.franchise.services.publishing import draft_rule_set, publish_rule_set
from apps.inventory.models import ChannelThreshold, Consignment, Recall, SafetyRule
from apps.inventory.services.profiles import draft_profile, publish_profile, put_strategy
from apps.inventory.services.recalls.starting import start_recall
from apps.kpis.models import Goal
from apps.kpis.services.goals import set_goal
from apps.loyalty.enrolment.inviting import invite
from apps.network.models import DeliverySlot, LegalEntity, OpeningDay
from apps.orders.models import DryRun
from apps.orders.services.dry_runs.outcome import Outcome
from apps.portal.importing.kinds import kind_called
from apps.portal.importing.models import Import
from apps.portal.importing.services import take_in
from apps.service.guidance.writing import draft_policy, publish_policy, put_rule
from tests.access.affairs import Affairs, affairs_of
from tests.core import job_kinds  # noqa: F401  (registers them)
from tests.shop import Shop, open_shop


@dataclass
class World:
    shop: Shop
    staff: dict[str, User]
    mine: Affairs
    theirs: Affairs
    goal: Goal
    told: WebhookDelivery
    jobs: dict[str, Job]
    imports: dict[str, Import]
    comparison: Comparison
    recall: Recall
    barred: BarredValue

    def own(self, route: str, role: str = Role.HEAD_OFFICE) -> dict[str, Any]:
        """Values that lead to S1's affairs, to a customer who identified themselves, or to what only the role's one has."""
        return self._values(route, self.mine) | self._of_one(route, role)

    def foreign(self, route: str, role: str = Role.HEAD_OFFICE) -> dict[str, Any]:
        """Values that lead to S2's affairs, to a customer who did not, or to what somebody else has for themselves."""
        other = Role.STORE_MANAGER if role == Role.HEAD_OFFICE else Role.HEAD_OFFICE
        return self._values(route, self.theirs) | self._of_one(route, other)

    def _of_one(self, route: str, role: str) -> dict[str, Any]:
        if route.startswith("imports:"):
            return {"kind": "stock-count", "key": self.imports.get(role, self.imports[Role.HEAD_OFFICE]).key}
        if route == "loyalty:invitation":
            return {"key": invite(store=None, principal=self.staff[role]).key}
        return {"key": self.jobs[role].key} if route.startswith("jobs:") else {}

    def parcel(self, route: str, affairs: Affairs) -> dict[str, Any]:
        """Values that lead to the parcel that a store sends."""
        return self._values(route, affairs) | {"number": affairs.parcel.number}

    def _values(self, route: str, affairs: Affairs) -> dict[str, Any]:
        app = route.partition(":")[0]
        is_rma = route in {"returns:return", "returns:take-in", "returns:withdraw"}
        keys = {
            "service:contact": affairs.contact.key,
            "reconciling": self.comparison.key,
            "messaging": affairs.message.key,
            "inbox": affairs.quarantined.key,
        }
        if route in {"service:question", "service:answer"}:
            keys[route] = affairs.contact.questions.get().key
        if route in {"inventory:change-safety-rule", "inventory:drop-safety-rule"}:
            keys[route] = SafetyRule.objects.get().key
        if route == "inventory:end-consignment":
            keys[route] = Consignment.objects.get().key
        if route in {"network:change-slot", "network:drop-slot"}:
            keys[route] = DeliverySlot.objects.get(location=affairs.location).key
        if route == "network:drop-day":
            keys[route] = OpeningDay.objects.get(location=affairs.location).key
        if route in {"inventory:change-threshold", "inventory:drop-threshold"}:
            keys[route] = ChannelThreshold.objects.get().key
        if route.startswith("segments:"):
            keys[route] = Segment.objects.get(name="Shared" if affairs is self.mine else "Of head office").key
        if route.startswith("webhooks:"):
            delivery = route in {"webhooks:delivery", "webhooks:again"}
            keys[route] = self.told.key if delivery else self.told.endpoint.key
        if route in {"customers:doubt", "customers:decide-doubt"}:
            keys[route] = Doubt.objects.get().key
        if route == "customers:matching-run":
            keys[route] = MatchingRun.objects.get().key
        if route in {"customers:finding", "customers:judge"}:
            keys[route] = Finding.objects.get().key
        if route == "customers:stop-watching":
            keys[route] = Watched.objects.get().key
        if route == "orders:dry-run":
            keys[route] = DryRun.objects.get().key
        if app == "privacy":
            asked = PrivacyRequest.objects.get(source_record__customer=affairs.customer)
            return {"number": asked.number, "key": affairs.customer.key, "code": "conversations"}
        numbers = {}
        if route == "inventory:document":
            numbers[route] = affairs.location.stock_documents.first().number
        if route.endswith("-transfer") or route in {"inventory:transfer", "inventory:transfer-slip"}:
            comes = route in {"inventory:receive-transfer", "inventory:received-transfer"}
            numbers[route] = (affairs.incoming if comes else affairs.outgoing).number
        if route in {"inventory:count", "inventory:counting", "inventory:submit-count", "inventory:withdraw-count"}:
            numbers[route] = affairs.counting.number
        if route in {"inventory:approve-count", "inventory:recount"}:
            numbers[route] = affairs.counted.number
        if route in {"inventory:delivery", "inventory:receive-delivery", "inventory:close-delivery"}:
            numbers[route] = affairs.location.purchase_notices.get().number
        if "recall" in route and route != "inventory:recall-this":
            numbers[route] = self.recall.number
        if app == "guidance":
            numbers[route] = 2 if route in ON_DRAFTS else 1
        if route == "service:change-topic":
            return {"code": "product"}
        is_product = route in {"catalogue:product", "inventory:of-product"}
        if route in ON_PARCELS:
            numbers[route] = affairs.parcel.number
        return {
            "parcel": affairs.box.number,
            "code": "P-A" if is_product else affairs.location.code,
            "number": numbers.get(route) or (affairs.rma.number if is_rma else affairs.order.number),
            "line": 1,
            "datum": "customers.email",
            "key": keys.get(route) or keys.get(app) or affairs.customer.key,
            "other": affairs.customer.key,
            "condition": "saleable",
            "owner": "OWN",
            "version": "draft" if route in ON_DRAFTS else "v1",
            "position": 1,
            "slug": self.goal.slug,
            "pk": self.barred.pk,
            "sku": "A",
        }


ON_PARCELS = {
    "orders:parcel-label",
    "orders:parcel-left",
    "orders:parcel-again",
    "orders:parcel-tracking",
    "orders:unpack-parcel",
}
ON_DRAFTS = {
    "guidance:add-rule",
    "guidance:change",
    "guidance:change-rule",
    "guidance:datum",
    "guidance:discard",
    "guidance:drop-rule",
    "guidance:publish",
    "guidance:try",
    "franchise:publish-rules",
    "inventory:publish-profile",
    "inventory:add-strategy",
    "inventory:change-strategy",
    "inventory:drop-strategy",
}


def build_world() -> World:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10)
    shop.receive(shop.s2, A=10, B=10)
    shop.receive(shop.dc, B=4)
    publish_rule_set(
        rule_set=draft_rule_set(
            version="v1",
            name="Contract",
            waterfall=["collect", "referral", "home", "residual"],
            valid_from=dt.date(2020, 1, 1),
        ),
        principal=None,
    )
    draft_rule_set(
        version="draft", name="Next year", waterfall=["referral", "residual"], valid_from=dt.date(2030, 1, 1)
    )
    for version in ("v1", "draft"):
        profile = draft_profile(version=version, name="Close by", takes_from_anywhere=True)
        for name in ("One", "Two", "Three"):  # of a draft they are taken out one after the other
            put_strategy(profile=profile, position=None, name=name, criteria=["fewest_parcels"])
        if version == "v1":
            publish_profile(profile=profile, principal=None)
    SafetyRule.objects.create(variant=shop.variants["C"], quantity=1)
    policy = draft_policy(valid_from=timezone.localdate())
    put_rule(policy=policy, name="Always", texts={"say": {"nl": "Hallo"}})
    publish_policy(policy=policy, principal=None)
    draft_policy(valid_from=timezone.localdate())
    supplier = LegalEntity.objects.create(code="L01", name="Keramiek Zuid", kind="supplier")
    later = DateRange(timezone.localdate() + dt.timedelta(days=9), None)
    Consignment.objects.create(supplier=supplier, variant=shop.variants["C"], valid=later)
    ChannelThreshold.objects.create(channel=shop.web, variant=shop.variants["C"], quantity=1)
    staff = {role: _hire(shop, role) for role in Role}
    DryRun.objects.create(
        profile=profile,
        since=dt.date(2026, 1, 1),
        until=dt.date(2026, 1, 7),
        placed=1,
        orders=1,
        strategies=[],
        **dict.fromkeys(("tried", "in_force", "as_it_went"), Outcome("EUR").as_json()),
    )
    mine, theirs = (affairs_of(shop, location) for location in (shop.s1, shop.s2))
    ask_about(
        *(affairs.order.source_record_id for affairs in (mine, theirs)), basis="scored", cause="likely", probability=0.7
    )
    MatchingRun.objects.create(asked_by="system")
    Finding.objects.create(rule="volume", principal="client:0", day=timezone.localdate(), number=40)
    for affairs in (mine, theirs):
        receive(customer=affairs.customer, kind="access", came="mail", received_on=timezone.localdate(), principal=None)
    watch(source_record_id=mine.customer.source_records.first().pk, principal=None)
    for user in staff.values():
        grant_access(
            principal=user,
            object_type="customer",
            object_key=str(mine.customer.key),
            purpose="service",
            evidence="loyalty_card",
        )
    goal = set_goal(
        slug="online",
        name="Online",
        measure="online_sales",
        currency="EUR",
        baseline=Decimal(100),
        baseline_source="2025",
        target=Decimal(125),
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2029, 12, 31),
        owner=staff[Role.HEAD_OFFICE],
    )
    jobs = {role: _ask_for_a_file(user) for role, user in staff.items()}
    imports = {role: _load(user) for role, user in staff.items() if reach_of(user).may("inventory.count_approve")}
    for name, roles in (("Shared", [Role.STORE_MANAGER, Role.FRANCHISEE]), ("Of head office", [])):
        ordered = Definition((Group((Condition("orders.number", "at_least", "1"),)),))
        make_segment(name=name, definition=ordered, roles=roles, principal=staff[Role.HEAD_OFFICE])
    return World(shop, staff, mine, theirs, goal, _tell(shop), jobs, imports, compare_all(), _recall(shop), _bar())


def _bar() -> BarredValue:
    return block(kind="email", value="till*@shop.example.org", reason="the tills' own", actor="system")


def _tell(shop: Shop) -> WebhookDelivery:
    """The webshop was told something, which it did not take."""
    endpoint = register_endpoint(client=shop.client, url="https://shop.example/hooks", topics=["order.updated"])
    delivery = queue(endpoint, "order.updated", "T1", {"number": "T1"})
    WebhookDelivery.objects.filter(pk=delivery.pk).update(status="given_up")
    return delivery


def _recall(shop: Shop) -> Recall:
    """Something is recalled that nobody bought."""
    return start_recall(variants=[shop.variants["C"]], why="It breaks", advice="Bring it back", actor="test")


def _load(user: User) -> Import:
    """Somebody loads a count of their store."""
    kind = kind_called("stock-count")
    assert kind is not None
    return take_in(kind=kind, file=SimpleUploadedFile("count.csv", b"sku;aantal\nA;3\n"), owner=user)


def _ask_for_a_file(user: User) -> Job:
    """Somebody has a file made in the background, which is there by now."""
    job = start_job(kind="tests.file", owner=user)
    run_job(job.key)
    job.refresh_from_db()
    assert job.has_file
    return job


def _hire(shop: Shop, role: str) -> User:
    user = User.objects.create_user(f"{role}@example.org", name=Role(role).label)
    if role == Role.FRANCHISEE:
        user.assignments.create(role=role, legal_entity=shop.franchisee)
    elif role in {Role.STORE_MANAGER, Role.STORE_ASSOCIATE}:
        user.assignments.create(role=role, location=shop.s1)
    else:
        user.assignments.create(role=role)
    return user
