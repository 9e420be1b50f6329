"""The card beside a conversation, and the pages on which head office writes what it says."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from apps.accounts.models import User
from apps.customers.models import Customer
from apps.customers.rights.handling import receive
from apps.customers.rights.protecting import protect
from apps.network.models import Location
from apps.service.guidance.models import CardShown, Policy
from apps.service.guidance.writing import draft_policy, put_tags
from apps.service.models import ContactMoment
from apps.service.services.contacts import Contact, log_contact

pytestmark = pytest.mark.django_db

Publish = Callable[..., Policy]
SWAP = {"HX-Request": "true"}
RULES = (
    ("Everybody", "Wees vriendelijk", {}),
    ("On the phone", "Noem uw naam", {"channels": ["phone"]}),
    ("New", "Leg de kaart uit", {"state": "new"}),
    ("Late", "Noem de nieuwe dag", {"topic": "order_status"}),
    ("Complaint", "Begin bij de klacht", {"state": "complaint"}),
)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def complain(customer: Customer) -> None:
    record = customer.source_records.get().pk
    log_contact(
        contact=Contact(
            source="desk",
            external_id="c",
            source_record_id=record,
            channel="phone",
            topic="complaint",
            occurred_at=timezone.now() - dt.timedelta(days=2),
        ),
        actor="user:1",
    )


def test_the_card_follows_the_customer_the_channel_and_the_topic(
    publish: Publish, jan: Customer, make_user: Callable[..., User], look: Callable[..., Client]
) -> None:
    # given
    publish(*RULES)
    agent = look(make_user("service_agent"), jan)

    def said(**asked: str) -> list[str]:
        card = text_of(agent.get(f"/guidance/with/{jan.key}/", asked, headers=SWAP))
        return [rule[1] for rule in RULES if rule[1] in card]

    # then
    assert said() == ["Noem uw naam", "Leg de kaart uit"]
    assert said(channel="chat") == ["Wees vriendelijk", "Leg de kaart uit"]
    assert said(channel="chat", topic="parcel_missing") == ["Leg de kaart uit", "Noem de nieuwe dag"]
    complain(jan)
    assert said(channel="chat") == ["Wees vriendelijk", "Leg de kaart uit", "Begin bij de klacht"]
    card = text_of(agent.get(f"/guidance/with/{jan.key}/", headers=SWAP))
    assert card.index("Begin bij de klacht") < card.index("Leg de kaart uit") < card.index("Noem uw naam")
    assert "Open complaint" in card


def test_in_a_store_the_card_is_that_of_the_store(
    publish: Publish,
    jan: Customer,
    make_user: Callable[..., User],
    make_location: Callable[..., Location],
    look: Callable[..., Client],
) -> None:
    # given
    publish(("Store", "Vraag de kaart", {"channels": ["store"]}), ("Phone", "Noem uw naam", {"channels": ["phone"]}))
    store = look(make_user("store_associate", make_location("S1")), jan, "counter")

    # when
    card = text_of(store.get(f"/guidance/with/{jan.key}/", headers=SWAP))

    # then
    assert "Vraag de kaart" in card
    assert "Noem uw naam" not in card
    assert "Street and house number" in card.split("Not shown to you:")[1]


def test_what_is_hidden_from_a_role_makes_no_rule_speak_to_it(
    publish: Publish, jan: Customer, make_user: Callable[..., User], look: Callable[..., Client]
) -> None:
    # given
    complain(jan)
    draft = publish(*RULES, publishes=False)
    put_tags(policy=draft, datum="service.contacts", tags={("service_agent", ""): "hidden"})
    agent, boss = (look(make_user(role), jan) for role in ("service_agent", "head_office"))
    from apps.service.guidance.writing import publish_policy

    publish_policy(policy=draft, principal=None)

    # then
    cards = [text_of(someone.get(f"/guidance/with/{jan.key}/", headers=SWAP)) for someone in (agent, boss)]
    assert ["Begin bij de klacht" in card for card in cards] == [False, True]
    assert ["Open complaint" in card for card in cards] == [False, True]


def test_which_version_was_shown_is_kept_with_the_contact(
    publish: Publish, jan: Customer, make_user: Callable[..., User], look: Callable[..., Client]
) -> None:
    # given
    policy = publish(*RULES)
    agent = look(make_user("service_agent"), jan)
    card = text_of(agent.get(f"/guidance/with/{jan.key}/?channel=chat&topic=order_status", headers=SWAP))
    token = re.search(r'name="card" value="([^"]+)"', card)
    assert token is not None
    form = {"topic": "order_status", "text": "Waar is het?", "channel": "chat", "direction": "inbound"}

    # when
    for conversation, shown in (
        ("0199c0de-0000-7000-8000-000000000001", token[1]),
        ("0199c0de-0000-7000-8000-000000000002", "made-up"),
    ):
        agent.post(f"/contacts/with/{jan.key}/log/", form | {"conversation": conversation, "card": shown})

    # then
    assert ContactMoment.objects.count() == 2
    kept = CardShown.objects.get()
    assert (kept.policy, kept.rules, kept.states) == (policy, [3, 4], ["new"])
    page = text_of(agent.get(kept.contact.get_absolute_url()))
    assert "Version 1" in page
    assert "New, Late" in page


def test_a_conversation_with_nobody_known_has_a_card_too(
    publish: Publish, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    publish(("Who", "Vraag wie het is", {"state": "nobody"}), ("New", "Leg de kaart uit", {"state": "new"}))
    agent = browse(make_user("service_agent"))

    # then
    assert 'hx-get="/guidance/card/"' in text_of(agent.get("/contacts/new/"))
    card = text_of(agent.get("/guidance/card/?channel=phone", headers=SWAP))
    assert "Vraag wie het is" in card
    assert "Leg de kaart uit" not in card


def test_without_a_version_in_force_the_page_says_so(
    jan: Customer, make_user: Callable[..., User], look: Callable[..., Client]
) -> None:
    # when
    card = text_of(look(make_user("service_agent"), jan).get(f"/guidance/with/{jan.key}/", headers=SWAP))

    # then
    assert "Head office has not written down what to say yet." in card


def test_head_office_drafts_writes_tries_and_publishes(
    publish: Publish, jan: Customer, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    publish(("Everybody", "Wees vriendelijk", {}))
    complain(jan)
    boss = browse(make_user("head_office"))
    today = timezone.localdate().isoformat()

    # when
    boss.post("/guidance/new/", {"note": "Klachten eerst", "valid_from": today})
    added = boss.post(
        "/guidance/2/rules/new/",
        {"name": "Klacht", "state": "complaint", "channels": ["phone"], "say_nl": "Bied excuses aan\nNoem de dag"},
    )
    tried = text_of(boss.get("/guidance/2/try/"))
    boss.post("/guidance/2/data/customers.email/", {"purpose_counter": "hidden", "role_head_office": "open"})
    data = text_of(boss.get("/guidance/2/data/"))
    seen = text_of(boss.get("/guidance/2/preview/?state=complaint&channel=phone&topic=complaint"))
    published = boss.post("/guidance/2/publish/", follow=True)

    # then
    assert added.status_code == 302
    assert re.search(r">1</strong>\s+of 1 contact would have had another card", tried)
    assert "Noem de dag" in tried
    assert "Head office: open" in data
    assert "Noem de dag" in seen
    assert "In force" in text_of(published)
    assert [rule.lines("say") for rule in Policy.objects.get(number=2).rules.all()][1] == [
        "Bied excuses aan",
        "Noem de dag",
    ]
    assert boss.get("/guidance/1/").status_code == 200


def test_the_preview_says_why_a_rule_speaks_and_another_does_not(
    publish: Publish, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    publish(*RULES)

    # when
    page = text_of(browse(make_user("service_agent")).get("/guidance/1/preview/?state=new&channel=phone&topic=return"))

    # then
    assert "2. On the phone" in page
    assert "Not “Everybody”: the other names the channel." in page
    assert "Noem de nieuwe dag" not in page


def test_what_is_wrong_with_a_rule_stands_beside_it(
    publish: Publish, make_user: Callable[..., User], browse: Callable[[User], Client]
) -> None:
    # given
    publish(*RULES)
    draft_policy(valid_from=timezone.localdate())

    # when
    answer = browse(make_user("head_office")).post("/guidance/2/rules/new/", {"name": "Leeg"})

    # then
    assert answer.status_code == 400
    assert "Write down at least one thing" in text_of(answer)
    assert Policy.objects.get(number=2).rules.count() == len(RULES)


def test_how_many_rules_there_are_takes_no_more_queries(
    publish: Publish,
    jan: Customer,
    make_user: Callable[..., User],
    look: Callable[..., Client],
    django_assert_max_num_queries: Any,
) -> None:
    # given
    publish(*(("Rule", f"Regel {n}", {"channels": ["phone"]}) for n in range(40)))
    agent = look(make_user("service_agent"), jan)
    agent.get(f"/guidance/with/{jan.key}/", headers=SWAP)

    # then
    with django_assert_max_num_queries(24):
        agent.get(f"/guidance/with/{jan.key}/", headers=SWAP)


def test_who_restricted_the_use_is_offered_nothing_whatever_the_version_says(
    publish: Publish, jan: Customer, make_user: Callable[..., User], look: Callable[..., Client]
) -> None:
    # given
    agent = look(make_user("service_agent"), jan)
    protect(customer=jan, kind="restricted", reason="Betwist zijn adres", principal=make_user("privacy_officer"))

    def card() -> str:
        return text_of(agent.get(f"/guidance/with/{jan.key}/", headers=SWAP))

    # then nobody wrote anything yet
    assert "No offers, no loyalty card and no question for consent." in card()
    assert "Head office has not written down what to say yet." in card()

    # then a version without a rule for it
    publish(*RULES)
    assert "No offers, no loyalty card and no question for consent." in card()
    assert "Leg de kaart uit" not in card()
    assert "Noem uw naam" in card()
    page = text_of(agent.get("/guidance/1/"))
    assert "where no rule of this version speaks" in page
    assert "Use of their data is restricted" in page

    # then one with a rule of its own, which goes before it
    publish(*RULES, ("Beperkt", "Bewaar en zwijg", {"state": "restricted"}))
    assert "Bewaar en zwijg" in card()
    assert "No offers, no loyalty card" not in card()


@pytest.mark.parametrize(
    ("version", "told"),
    [(1, "On the phone, New, Asked to be erased"), (None, "The standard rulesAsked to be erased")],
)
def test_the_standard_rules_that_were_shown_are_kept_by_name(
    version: int | None,
    told: str,
    publish: Publish,
    jan: Customer,
    make_user: Callable[..., User],
    look: Callable[..., Client],
) -> None:
    # given
    if version:
        publish(*RULES)
    agent, officer = look(make_user("service_agent"), jan), make_user("privacy_officer")
    receive(customer=jan, kind="erasure", came="phone", received_on=timezone.localdate(), asked="", principal=officer)
    card = text_of(agent.get(f"/guidance/with/{jan.key}/?channel=phone", headers=SWAP))
    token = re.search(r'name="card" value="([^"]+)"', card)
    assert token is not None

    # when
    form = {"topic": "privacy", "text": "Wanneer?", "channel": "phone", "direction": "inbound"}
    shown = {"conversation": "0199c0de-0000-7000-8000-000000000001", "card": token[1]}
    agent.post(f"/contacts/with/{jan.key}/log/", form | shown)

    # then
    assert "Say that the request is being handled" in card
    kept = CardShown.objects.get()
    assert (kept.states, kept.policy and kept.policy.number) == (["erasure_asked", "new"], version)
    page = strip_tags(text_of(agent.get(kept.contact.get_absolute_url())))
    assert told in " ".join(page.split())
