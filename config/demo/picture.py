"""What head office and the desk do about customers in the demo: people of an old system, pairs in doubt, questions to stores,
segments, an identifier of nobody, and looks that somebody reviews."""

from dataclasses import replace

from apps.accounts.roles import Role
from apps.core.events.models import Origin
from apps.customers.models import Customer, MatchingRun, MatchRequest
from apps.customers.resolving.rebuilding import begin, match_all
from apps.customers.review.noting import note_view
from apps.customers.review.services import review, watch
from apps.customers.segments.conditions import Condition, Definition, Group
from apps.customers.segments.services.counting import count_segment
from apps.customers.segments.services.saving import make_segment
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.customers.services.setting_apart import block
from apps.service.models import ContactMoment
from apps.service.services.questions import answer_question, ask
from config.demo.chain import Chain
from config.demo.people import People
from config.demo.plan import ACTOR
from config.demo.staff import Staff

_OLD_SYSTEM = "oude-kassa"
_TAKEN_OVER = 60

_SEGMENTS = (
    ("Kocht online, nooit in een winkel", (
        Condition("orders.number", "at_least", "1", period="365", channel="@online"),
        Condition("orders.number", "at_most", "0", period="365", channel="@stores"),
    )),
    ("Kaarthouders vanaf € 150 dit jaar", (
        Condition("loyalty.card", "is"),
        Condition("orders.spent", "at_least", "150", period="365", currency="EUR"),
    )),
)  # fmt: skip

_ASKED = (
    (
        "Ligt het tweede kussen nog bij jullie? De klant vond er één in de doos.",
        "Ja, het ligt achter de balie op naam.",
    ),
    ("Kan de klant de lamp zaterdag na vijven ophalen?", ""),
    ("De klant mist een schroefje van de kruk. Hebben jullie er een over?", ""),
)


def take_over(people: People) -> MatchingRun:
    """Bring in customers of an old till system, less precisely known, and match all records: some join, some are asked about."""
    some = people.everybody[:: max(1, len(people.everybody) // _TAKEN_OVER)]
    told = [_as_the_old_system_has_them(n, customer.person) for n, customer in enumerate(some)]
    recognise(told, actor=ACTOR, origin=Origin.HISTORY)
    MatchRequest.objects.all().delete()
    return match_all(begin(actor=ACTOR))


def _as_the_old_system_has_them(n: int, person: Person) -> Person:
    """In turns: a typing error, initials only, hardly more than an address, and somebody else of the same house."""
    old = replace(
        person,
        source=_OLD_SYSTEM,
        external_id=f"K{n:05d}",
        account_id="",
        email_is_verified=False,
        home_location_id=None,
    )
    slip = person.last_name[:-2] + person.last_name[-1:] + person.last_name[-2:-1]
    match n % 4:
        case 0:
            return replace(old, last_name=slip, email="")
        case 1:
            return replace(old, first_name="", initials=person.first_name[:1], phone="")
        case 2:
            return replace(old, first_name="", initials=person.first_name[:1], phone="", email="")
        case _:
            return replace(old, first_name="Robin", email="")


def make_segments(staff: Staff) -> int:
    """Save and count two segments that stores may read; how many."""
    for name, conditions in _SEGMENTS:
        segment = make_segment(
            name=name,
            definition=Definition((Group(conditions),)),
            roles=[Role.STORE_MANAGER, Role.FRANCHISEE],
            principal=staff.users[Role.HEAD_OFFICE],
        )
        count_segment(segment=segment)
    return len(_SEGMENTS)


def ask_stores(chain: Chain, staff: Staff) -> int:
    """Let the desk ask the demo's store something out of conversations, one answered; how many."""
    contacts = ContactMoment.objects.exclude(order_number="").order_by("-occurred_at")[: len(_ASKED)]
    for contact, (text, answer) in zip(contacts, _ASKED, strict=False):
        question = ask(contact=contact, text=text, of=chain.demo_store, actor=ACTOR, asked_by="Samira el Amrani")
        if answer:
            manager = staff.users[Role.STORE_MANAGER]
            answer_question(question=question, text=answer, principal=manager, answered_by=str(manager))
    return len(contacts)


def watch_over(people: People, staff: Staff) -> int:
    """Bar the store's own telephone, watch a well-known name, and let somebody look at it; how many looks stand out."""
    block(kind="phone", value="+31318000100", reason="Telefoon van de winkel zelf", actor=ACTOR)
    known = next(person for person in people.everybody if person.web_record and not person.person.organisation)
    assert known.web_record is not None
    watch(source_record_id=known.web_record, principal=staff.users[Role.PRIVACY_OFFICER])
    seen = Customer.objects.get(source_records=known.web_record)
    for role in (Role.STORE_ASSOCIATE, Role.SERVICE_AGENT):
        note_view(principal=staff.users[role], part="customers:customer", customer_key=seen.key)
    return review()
