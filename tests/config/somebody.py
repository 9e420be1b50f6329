"""Somebody who orders, calls and asks to be forgotten at an installation that runs: `python -m tests.config.somebody lives`.

Run in the environment of that installation; what is asked of it goes over HTTP to its own server, and through its own workers.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

PERSON = {
    "email": "Roos.Kuipers@example.org",
    "phone": "06-12398745",
    "first_name": "Roosmarijn",
    "last_name": "Kuipers-Haan",
    "birth_date": "1981-07-19",
    "account_id": "web-roos",
    "loyalty_card": "9000000777",
    "address": {"street": "Zwaluwpad", "house_number": "3", "postcode": "9711ZZ", "city": "Groningen", "country": "NL"},
}
DATA = (
    "roosmarijn",
    "kuipers-haan",
    "roos.kuipers",
    "12398745",
    "9000000777",
    "zwaluwpad",
    "9711zz",
    "1981-07-19",
    "web-roos",
    "hoogtevrees",
)
URL = f"http://127.0.0.1:{os.environ.get('PORT', '')}"


def call(
    path: str, body: Any = None, *, key: str = "", once: str = "", cookie: str = "", form: bytes | None = None
) -> Any:
    """What the running server answers: (status, text)."""
    headers = {"Accept-Language": "nl"}
    if key:
        headers |= {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if once:
        headers["Idempotency-Key"] = once
    if cookie:
        headers["Cookie"] = cookie
    data = form if form is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait(until: Callable[[], bool], what: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise SystemExit(f"still not: {what}")
        time.sleep(0.3)


def lives() -> None:
    from django.conf import settings
    from django.db import IntegrityError, connection, transaction
    from django.test import Client
    from django.utils import timezone

    from apps.core.models import Quarantined
    from apps.customers.models import Customer
    from apps.messages.models import Message
    from apps.service.services.contacts import Contact, log_contact
    from tests.shop import open_shop
    from tests.staff import person

    shop = open_shop()
    shop.receive(shop.s1, A=20)
    agent = person("Bas Kok", "service_agent")
    officer = person("Petra Oud", "privacy_officer")

    # she orders; the shop sends it eight times at once, and one that cannot be
    body = shop.order_body(("A", 2)) | {"customer": PERSON}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: call("/api/v1/orders/", body, key=shop.key, once=f"same-{n}"), range(8)))
    assert sorted({status for status, _text in answers} - {503}) == [200, 201], answers
    wrong = body | {"external_id": "roos.kuipers-1", "currency": "Roosmarijn"}
    assert call("/api/v1/orders/", wrong, key=shop.key, once="wrong")[0] == 400
    customer = Customer.objects.get(email__iexact=PERSON["email"])
    record = customer.source_records.order_by("pk")[0]

    # a ticket of hers cannot be booked
    ticket = {
        "store": "S1",
        "till": "1",
        "sequence": 1,
        "business_date": timezone.localdate().isoformat(),
        "occurred_at": timezone.now().isoformat(),
        "currency": "EUR",
        "customer": {"email": PERSON["email"], "first_name": "Roosmarijn"},
        "rounding": "0.00",
        "lines": [{"type": "sale", "sku": "NOPE", "quantity": "1", "unit_price": "10.00", "vat_rate": "21.00"}],
        "tenders": [{"method": "pin", "amount": "10.00", "reference": "t"}],
    }
    assert call("/api/v1/sales/", ticket, key=shop.key, once="ticket")[0] == 202
    assert Quarantined.objects.exists()

    # she is looked up by a system and by somebody at the desk, who searches for her name too
    found = {"identifiers": {"email": PERSON["email"]}, "purpose": "service"}
    assert json.loads(call("/api/v1/customers/lookup/", found, key=shop.key)[1])["match"] == "one"
    call(f"/api/v1/orders/?external_id={PERSON['email']}", key=shop.key)
    browser = Client()
    browser.force_login(agent)
    token = "a" * 32
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}"
    form = f"csrfmiddlewaretoken={token}&identifier=roos.kuipers%40example.org".encode()
    status, page = call("/customers/", cookie=cookie, form=form)
    assert (status, "Roosmarijn" in page) == (200, True), page[:2000]
    assert call("/search/?q=Roosmarijn", cookie=cookie)[0] == 200
    log_contact(
        contact=Contact(
            source="desk",
            external_id="1",
            source_record_id=record.pk,
            channel="phone",
            topic="product",
            text="Roosmarijn heeft hoogtevrees en wil de ladder niet",
            occurred_at=timezone.now(),
        ),
        actor=f"user:{agent.pk}",
    )

    # the database refuses a row of hers, and takes its time over another
    refused = ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO customers_identifier (source_record_id, kind, value) VALUES (%s, %s, %s)",
                [record.pk, "email", "roos.kuipers@example.org"],
            )
    except IntegrityError as error:
        refused = str(error)
    assert "roos.kuipers" in refused
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2.2), %s::text", ["roos.kuipers@example.org"])

    wait(lambda: Message.objects.filter(status="sent", address__iexact=PERSON["email"]).exists(), "a mail to her")
    sys.stdout.write(json.dumps({"customer": str(customer.key), "officer": officer.pk}))


def is_forgotten(customer: str, officer: str) -> None:
    from django.utils import timezone

    from apps.accounts.models import User
    from apps.core.jobs.starting import start_job
    from apps.customers.models import Customer, PrivacyRequest
    from apps.customers.rights.handling import check_identity, receive
    from apps.messages.models import Message
    from apps.orders.models import Order
    from apps.orders.services.cancelling import cancel

    principal = User.objects.get(pk=officer)
    known = Customer.objects.get(key=customer)
    order = Order.objects.get(source_record__customer=known)
    cancel(number=order.number, actor=f"user:{principal.pk}")
    request: PrivacyRequest = receive(
        customer=known,
        kind="erasure",
        came="mail",
        received_on=timezone.localdate(),
        asked="Vergeet mij. Roosmarijn Kuipers-Haan",
        principal=principal,
    )
    check_identity(request=request, how="answered", principal=principal)
    told = Message.objects.filter(template="privacy_received", status="sent")
    wait(told.exists, "the mail that says that her request came")
    job = start_job(kind="customers.erase", owner=principal, parameters={"request": request.number})

    def is_over() -> bool:
        job.refresh_from_db()
        return job.state in {"done", "failed"}

    wait(is_over, "the erasure")
    assert job.state == "done", job.error


if __name__ == "__main__":
    django.setup()
    acts: dict[str, Callable[..., None]] = {"lives": lives, "is_forgotten": is_forgotten}
    acts[sys.argv[1]](*sys.argv[2:])
