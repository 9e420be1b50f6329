"""A card on the customer's own phone: what it takes, whom it betrays nothing of, and what a mail makes of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.accounts.models import AccessGrant, User
from apps.core.actors import actor_of
from apps.core.events.subscribers import catch_up
from apps.customers.models import ConfirmationAsked, Consent, Customer, Doubt, Edge, Identifier
from apps.customers.services.consenting import may_use
from apps.customers.services.people import Person
from apps.customers.services.recognising import recognise
from apps.customers.services.wording import publish_text
from apps.loyalty.enrolment.inviting import forget_unused, invite, join_token
from apps.loyalty.enrolment.wishes import PURPOSES
from apps.loyalty.models import Invitation, LoyaltyAccount
from apps.messages.models import Message
from apps.messages.services.sending import send_due
from tests.at_once import all_at_once
from tests.people import make_user
from tests.returns.purchases import sold
from tests.shop import Shop
from tests.staff import browser

__all__ = ["make_user"]

FEMKE = {"first_name": "Femke", "email": "femke@example.org"}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Limits of one test are not those of the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def associate(shop: Shop, make_user: Callable[..., User]) -> User:
    return make_user("store_associate", shop.s1)


@pytest.fixture
def invitation(shop: Shop, associate: User) -> Invitation:
    return invite(store=shop.s1, principal=associate)


def phone(**headers: str) -> Client:
    return Client(headers={"accept-language": "en", **headers})


def path_of(invitation: Invitation) -> str:
    return f"/join/{join_token(invitation)}/"


def joins(invitation: Invitation, own: Client | None = None, **typed: Any) -> Any:
    """Somebody fills in the form on a phone; the card page they get."""
    own = own or phone()
    own.get(path_of(invitation))
    return own.post(path_of(invitation), FEMKE | typed, follow=True)


def link_in(message: Message, path: str = "/card/confirm/") -> str:
    found = re.search(rf"http://[^/]+({path}\S+)", message.body)
    assert found is not None, message.body
    return found[1]


def only(rows: Any) -> Any:
    [one] = rows
    return one


def test_somebody_has_a_card_at_once_and_the_associate_may_see_whom_they_helped(shop, associate, invitation):
    # when
    page = joins(invitation, phone="06 12345678", postcode="3511 AB", house_number="12")
    # then the phone has the card
    account = LoyaltyAccount.objects.get()
    assert page.status_code == 200
    assert account.card_number in page.content.decode()
    # and whoever issued it is known
    invitation.refresh_from_db()
    assert (account.issued_by, invitation.account, invitation.invited_by) == (shop.s1, account, associate)
    assert account.source_record.home_location == shop.s1
    # and the associate may help on, for half an hour
    customer = account.source_record.customer
    grant = AccessGrant.objects.get(principal=actor_of(associate))
    assert (grant.object_key, grant.purpose, grant.evidence) == (str(customer.key), "counter", "sign_up")
    assert list(Customer.objects.visible_to(associate)) == [customer]


def test_the_card_opens_its_holder_in_the_scan_box(associate, invitation):
    joins(invitation)
    account = LoyaltyAccount.objects.get()
    answer = browser(associate).post("/scan/", {"code": account.card_number})
    assert str(account.source_record.customer.key) in (answer.get("Location", "") + answer.content.decode())


def test_one_name_and_one_way_to_be_reached_are_enough_and_boxes_are_empty(invitation):
    own = phone()
    form = own.get(path_of(invitation)).content.decode()
    assert "checked" not in form
    for typed, why in (
        ({"first_name": "", "email": "a@example.org"}, "first_name"),
        ({"first_name": "A"}, "email"),
        ({"first_name": "A", "phone": "12"}, "phone"),
        ({"first_name": "A", "phone": "0612345678", "newsletter": "on"}, "email"),
        ({"first_name": "A", "email": "a@example.org", "postcode": "3511AB"}, "house_number"),
    ):
        answer = own.post(path_of(invitation), typed)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [why]
    assert not LoyaltyAccount.objects.exists()


def test_pressing_twice_going_back_and_a_second_phone(invitation):
    own = phone()
    first = joins(invitation, own)
    # when they press again, or open the link again
    again, opened = joins(invitation, own, first_name="Other"), own.get(path_of(invitation), follow=True)
    # then it is the same card
    account = LoyaltyAccount.objects.get()
    assert [p.status_code for p in (first, again, opened)] == [200, 200, 200]
    assert all(account.card_number in p.content.decode() for p in (first, again, opened))
    assert Message.objects.count() == 1
    # and nobody else gets to see it
    other = joins(invitation, phone())
    assert other.status_code == 410
    assert account.card_number not in other.content.decode()
    assert "Femke" not in other.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_at_the_same_moment_makes_one_card(shop, associate):
    invitation = invite(store=shop.s1, principal=associate)
    own = phone()
    own.get(path_of(invitation))
    cookies = own.cookies

    led: list[str] = []

    def tap() -> None:
        finger = phone()
        finger.cookies = cookies
        led.append(finger.post(path_of(invitation), FEMKE)["Location"])

    all_at_once([tap, tap, tap])
    # then
    assert LoyaltyAccount.objects.count() == 1
    assert len(led) == 3
    assert all(phone().get(path).status_code == 200 for path in led)


def test_a_link_lapses_and_a_code_leads_to_it_however_it_is_typed(shop, associate, invitation):
    # when
    typed = invitation.code.lower()
    answer = phone().post("/join/", {"code": f"{typed[:3]}-{typed[3:]} "})
    # then
    assert answer["Location"].startswith("/join/")
    assert phone().get(answer["Location"]).status_code == 200
    # when it has lapsed
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    # then neither opens anything any more
    assert phone().get(path_of(invitation)).status_code == 410
    assert joins(invitation).status_code == 410
    assert phone().post("/join/", {"code": typed}).status_code == 422
    # and it is forgotten a day later
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=2))
    assert forget_unused() == 1


def test_codes_cannot_be_tried_in_bulk(invitation):
    tried = [phone().post("/join/", {"code": f"AAAAA{n}"}).status_code for n in range(2, 10)]
    tried += [phone().post("/join/", {"code": "BBBBBB"}).status_code for _ in range(6)]
    assert tried[-1] == 429
    # nor from behind an address that somebody made up
    assert phone(x_forwarded_for="192.0.2.7").post("/join/", {"code": invitation.code}).status_code == 429


def test_somebody_known_is_not_betrayed_to_a_stranger_and_gets_a_mail_with_their_card(shop, jan, invitation, associate):
    known_mail = Identifier.objects.get(source_record=jan.source_record, kind="email").value
    unknown = invite(store=shop.s1, principal=associate, another=True)
    # when a stranger types the address of somebody known, and another one of nobody
    of_known = joins(invitation, first_name="Bob", email=known_mail)
    of_nobody = joins(unknown, first_name="Bob", email="nobody@example.org")
    # then both are told the same, to the letter
    cards = [i.account for i in Invitation.objects.order_by("pk").select_related("account")]

    def words(page: Any) -> str:
        return re.sub(
            r"<svg.*?</svg>|href=\"[^\"]*\"|action=\"[^\"]*\"|value=\"[^\"]*\"|\d[\d ]+",
            "",
            page.content.decode(),
            flags=re.S,
        )

    assert words(of_known) == words(of_nobody)
    # and nothing of the known customer came with it
    assert all(card.source_record.customer != jan.source_record.customer for card in cards)
    assert list(Customer.objects.visible_to(associate).order_by("pk")) == [c.source_record.customer for c in cards]
    # and the owner of the address gets the card they have
    to_known = Message.objects.get(address=known_mail)
    assert "Bob" not in to_known.body
    own = phone().get(link_in(to_known, "/card/(?!confirm)"))
    assert jan.card_number in own.content.decode()


def test_a_mail_asks_whether_the_address_is_theirs_and_opening_it_decides_nothing(invitation):
    joins(invitation, newsletter="on")
    account, message = LoyaltyAccount.objects.get(), Message.objects.get()
    records = [account.source_record_id]
    link = link_in(message)
    assert not may_use(records, "newsletter")
    # when a scanner of mails opens it
    seen = phone().get(link)
    # then nothing has changed
    assert seen.status_code == 200
    assert not Consent.objects.exists()
    assert not Identifier.objects.filter(kind="email", verified=True).exists()
    # when somebody presses
    card = phone().post(link, follow=True)
    # then the address is theirs, what was ticked is wanted, and the card is open
    assert account.card_number in card.content.decode()
    assert may_use(records, "newsletter")
    assert not may_use(records, "personal_offers")
    assert Identifier.objects.filter(kind="email", verified=True, value="femke@example.org").exists()
    # when the same mail is used again, it opens the card, and says nothing twice
    phone().post(link)
    assert phone().get(link, follow=True).status_code == 200
    assert Consent.objects.count() == 1


def test_withdrawing_takes_one_press_and_old_mails_do_not_undo_it(invitation):
    joins(invitation, newsletter="on")
    link = link_in(Message.objects.get())
    own = phone()
    page = own.post(link, follow=True)
    token = page.context["token"]
    records = [LoyaltyAccount.objects.get().source_record_id]
    # when
    own.post(f"/card/{token}/say/", {"purpose": "newsletter", "given": "no"})
    # then
    assert not may_use(records, "newsletter")
    own.post(link)
    assert not may_use(records, "newsletter")
    # when they want it again
    own.post(f"/card/{token}/say/", {"purpose": "newsletter", "given": "yes"})
    # then the link of the mail will do
    assert may_use(records, "newsletter")


def test_a_phone_alone_cannot_say_yes(invitation):
    page = joins(invitation)
    token = page.context["token"]
    answer = phone().post(f"/card/{token}/say/", {"purpose": "newsletter", "given": "yes"})
    assert answer.status_code == 400
    assert not Consent.objects.exists()


def test_links_to_a_card_can_be_stopped_and_the_card_works_on(invitation, associate):
    page = joins(invitation)
    token, confirm = page.context["token"], link_in(Message.objects.get())
    account = LoyaltyAccount.objects.get()
    # when
    stopped = phone().post(f"/card/{token}/stop/")
    # then
    assert stopped.status_code == 200
    assert [phone().get(p).status_code for p in (f"/card/{token}/", f"/card/{token}/wallet/", confirm)] == [410] * 3
    # when staff mail it again
    key = account.source_record.customer.key
    browser(associate).post(f"/points/{key}/card/mail/")
    # then the new link works
    assert phone().get(link_in(Message.objects.get(template="card_again"))).status_code == 200


def test_no_page_is_kept_and_no_address_or_log_names_anybody(invitation, caplog):
    own = phone()
    own.get(path_of(invitation))
    answer = own.post(path_of(invitation), FEMKE)
    page = own.get(answer["Location"])
    account = LoyaltyAccount.objects.get()
    for response in (answer, page):
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "same-origin"
    for personal in ("femke", account.card_number, str(account.source_record.customer.key)):
        assert personal not in answer["Location"].lower()
        assert personal not in caplog.text.lower()


def test_an_address_gets_only_so_many_mails_of_what_strangers_type(shop, associate):
    for _n in range(5):
        page = joins(invite(store=shop.s1, principal=associate, another=True))
        assert page.status_code == 200
    assert Message.objects.count() == 3
    assert send_due() == 3
    assert len(mail.outbox) == 3


def test_the_page_in_the_store_sees_the_profile_appear_and_stops_asking(associate, invitation):
    desk = browser(associate)
    news = f"/points/new-card/{invitation.key}/"

    def asks(seen: str) -> Any:
        return desk.get(news, {"seen": seen}, headers={"HX-Request": "true"})

    assert f"{news}?seen=waiting" in desk.get("/points/new-card/").content.decode()
    assert asks("waiting").status_code == 204
    phone().get(path_of(invitation))
    assert "The customer is typing" in asks("waiting").content.decode()
    joins(invitation)
    done = asks("opened").content.decode()
    assert "Femke" in done
    assert "hx-trigger" not in done
    # and the next customer gets a code of their own
    assert str(invitation.key) not in desk.get("/points/new-card/").content.decode()


def test_a_card_is_put_on_the_home_screen_and_forgotten_with_its_link(invitation):
    token = joins(invitation).context["token"]
    wallet = phone().get(f"/card/{token}/wallet/")
    manifest = phone().get(f"/card/{token}/wallet/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["start_url"] == f"/card/{token}/wallet/"
    assert LoyaltyAccount.objects.get().card_number in wallet.content.decode()
    assert phone().get("/card/worker.js")["Content-Type"] == "text/javascript"


def test_staff_print_a_card_of_a_customer_opened_to_them(associate, invitation):
    joins(invitation)
    account = LoyaltyAccount.objects.get()
    key = account.source_record.customer.key
    assert account.card_number in browser(associate).get(f"/points/{key}/card/").content.decode()


def test_who_proves_the_mailbox_of_somebody_known_is_them_with_the_points_of_both_cards(shop, jan, invitation):
    # given Jan, who forgot his card, takes another, and buys with each
    known_mail = Identifier.objects.get(source_record=jan.source_record, kind="email").value
    joins(invitation, first_name="Jan", last_name="Jansen", email=known_mail, newsletter="on")
    new = LoyaltyAccount.objects.exclude(pk=jan.pk).get()
    for card, price in ((jan, "20.00"), (new, "5.00")):
        [record_id] = recognise([Person(source="tills", loyalty_card=card.card_number)], actor="test")
        sold(shop, shop.s1, ("A", "1", price), source_record_id=record_id)
    catch_up()
    link = link_in(Message.objects.get(template="card_known"))
    assert new.source_record.customer != jan.source_record.customer
    # when a scanner of mails opens the link, nothing; when Jan presses
    phone().get(link)
    assert Customer.objects.filter(source_records__in=[jan.source_record, new.source_record]).distinct().count() == 2
    page = phone().post(link, follow=True)
    # then he is one customer, with the points of both and the newsletter he ticked
    customer = Customer.objects.filter(source_records__in=[jan.source_record, new.source_record]).distinct().get()
    assert page.context["pending"] == 25
    assert may_use(list(customer.source_records.values_list("pk", flat=True)), "newsletter")
    # and a second press changes nothing
    before = Edge.objects.count()
    phone().post(link)
    assert Edge.objects.count() == before


def test_somebody_else_with_the_same_mailbox_is_asked_about_rather_than_joined(jan, invitation):
    # given two people who share a mailbox, one of whom is known by it
    known_mail = Identifier.objects.get(source_record=jan.source_record, kind="email").value
    joins(invitation, first_name="Wilhelmina", last_name="de Vries", email=known_mail)
    new = LoyaltyAccount.objects.exclude(pk=jan.pk).get()
    # when
    phone().post(link_in(Message.objects.get(template="card_known")))
    # then
    new.source_record.refresh_from_db()
    assert new.source_record.customer != jan.source_record.customer
    assert Doubt.objects.get().outcome == Doubt.Outcome.OPEN


def test_what_was_said_yes_to_is_kept_in_the_words_beside_the_box(invitation):
    # given words of the retailer's own
    for purpose in PURPOSES:
        publish_text(purpose=purpose, version="own-2", locale="en", text=f"Please: {purpose.value}")
    publish_text(purpose="newsletter", version="own-3", locale="en", text="Not asked beside the others yet")
    own = phone()
    assert "Please: newsletter" in own.get(path_of(invitation)).content.decode()
    # when
    joins(invitation, own, newsletter="on")
    phone().post(link_in(Message.objects.get()))
    # then
    said = Consent.objects.get()
    assert (said.text_version, said.said) == ("own-2", "mail")
    assert said.text is not None
    assert said.text.text == "Please: newsletter"


def test_a_question_that_is_too_old_is_not_answered_and_a_new_mail_is(associate, invitation):
    joins(invitation)
    link = link_in(Message.objects.get())
    ConfirmationAsked.objects.update(asked_at=timezone.now() - timedelta(days=15))
    assert [phone().get(link).status_code, phone().post(link).status_code] == [410, 410]
    assert not Identifier.objects.filter(kind="email", verified=True).exists()
    key = LoyaltyAccount.objects.get().source_record.customer.key
    browser(associate).post(f"/points/{key}/card/mail/")
    assert phone().post(link_in(Message.objects.get(template="card_again")), follow=True).status_code == 200
    assert Identifier.objects.filter(kind="email", verified=True).exists()
