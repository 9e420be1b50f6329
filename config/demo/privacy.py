"""What some customers of the demo asked about their data: answered, waiting, due soon and overdue."""

import datetime as dt

from apps.accounts.roles import Role
from apps.customers.models import Customer
from apps.customers.rights.handling import check_identity, extend, finish, receive
from config.demo.people import People
from config.demo.plan import Plan
from config.demo.staff import Staff

_ASKED = (
    ("access", "mail", 34, "answered", "Wat weten jullie van mij, en wie heeft daarin gekeken?"),
    ("erasure", "letter", 27, "answered", "Wis alles wat u van mij hebt. Ik koop hier niet meer."),
    ("access", "phone", 24, "", "Wil weten waarom zij de folder krijgt."),
    ("rectification", "store", 9, "details", "Mijn achternaam is sinds mijn huwelijk veranderd."),
    ("restriction", "mail", 3, "", "Gebruik mijn gegevens niet tot de klacht is opgelost."),
    ("objection", "online", 1, "account", "Geen aanbiedingen op grond van wat ik koop."),
    ("portability", "mail", 20, "done", ""),
    ("erasure", "mail", 40, "extended", ""),
)


def ask_about_data(plan: Plan, people: People, staff: Staff) -> int:
    """Register a handful of requests, of people who buy online; how many."""
    officer = staff.users[Role.PRIVACY_OFFICER]
    records = [person.web_record for person in people.everybody if person.web_record and not person.person.organisation]
    for (kind, came, days, state, words), record in zip(_ASKED, records[3::5], strict=False):
        request = receive(
            customer=Customer.objects.get(source_records=record),
            kind=kind,
            came=came,
            received_on=plan.today - dt.timedelta(days=days if state != "extended" else 12),
            asked=words,
            principal=staff.users[Role.SERVICE_AGENT],
        )
        if state == "extended":
            reason = "Een deel staat in een oud kassasysteem; dat uitzoeken kost meer tijd."
            extend(request=request, reason=reason, principal=officer)
        elif state:
            how = state if state in {"answered", "details", "account"} else "answered"
            check_identity(request=request, how=how, principal=officer)
        if state == "done":
            finish(request=request, words="Bestand gestuurd.", principal=officer)
    return min(len(_ASKED), len(records[3::5]))
