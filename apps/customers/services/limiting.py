"""What head office decides of the limits of recognition: how many of a kind one customer gets, and how many may share one."""

from collections.abc import Mapping
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record_many
from apps.customers.models import Identifier, IdentifierRule
from apps.customers.services import barring
from apps.customers.services.barring import DEFAULTS, Rule

NEVER_SHARED = frozenset({Identifier.Kind.ACCOUNT})
"""Kinds that mean something only in their own shop: no value of them is set apart for being shared."""


@transaction.atomic
def set_limits(*, rules: Mapping[str, Rule]) -> list[str]:
    """Let these limits hold from now on, by kind of identifier; gives the kinds that change. What was joined stays joined.

    Raises InvalidInput for a kind without limits, and for a number that would let nobody be known by it.
    """
    for kind, rule in rules.items():
        _check(kind, rule)
    barring.forget()
    now = barring.book().rules
    changed = {kind: rule for kind, rule in sorted(rules.items()) if rule != now[kind]}
    for kind, rule in changed.items():
        IdentifierRule.objects.update_or_create(kind=kind, defaults=asdict(rule))
    barring.forget()
    transaction.on_commit(barring.forget)
    record_many(
        Happened(
            topic="identifier.limited",
            object_type="identifierrule",
            object_key=kind,
            occurred_at=timezone.now(),
            payload={"before": asdict(now[kind]), "after": asdict(rule)},
        )
        for kind, rule in changed.items()
    )
    return list(changed)


def _check(kind: str, rule: Rule) -> None:
    if kind not in DEFAULTS or (rule.shared_by is not None and kind in NEVER_SHARED):
        raise InvalidInput(
            _("This kind has no such limit."), faults=[Fault("invalid", _("This kind has no such limit."), kind)]
        )
    if rule.window_days is not None and rule.at_most is None:
        detail = _("Say how many in that time.")
        raise InvalidInput(detail, faults=[Fault("required", detail, f"{kind}-at_most")])
    if any(number is not None and number < 1 for number in (rule.at_most, rule.window_days)) or rule.shared_by in (
        0,
        1,
    ):
        detail = _("With this number nobody could be known by it.")
        raise InvalidInput(detail, faults=[Fault("min_value", detail, kind)])
