"""What a dry run of a sourcing profile would credit to whom, by the rule set in force today."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.money import ZERO, to_cents
from apps.franchise.models import RuleSet
from apps.franchise.services.deciding import candidates_of
from apps.franchise.waterfall import take
from apps.orders.services.dry_runs.measures import SentOrder, register


class CreditedRevenue:
    """Net revenue per store, on the evidence that each order had when it was placed. Who sends is no evidence: what a
    profile changes here is what is not sent at all.
    """

    name = "franchise.credited"
    label = _("Online revenue credited, per store")
    explanation = _("without VAT, by the rule set in force today; who sends an order is no evidence in it")
    nowhere = _("No store: head office")

    def measure(self, orders: Sequence[SentOrder]) -> Mapping[str, Decimal]:
        """{store code, blank for head office: amount}; nothing before the first rule set, and for orders of before it."""
        rules = RuleSet.objects.published().filter(valid_from__lte=timezone.localdate()).order_by("-valid_from").first()
        if rules is None:
            return {}
        evidence = candidates_of([order.number for order in orders])
        credited: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for order in orders:
            if order.number in evidence:
                taken = take(rules.waterfall, evidence[order.number])
                credited[taken.location or ""] += sum(order.sent.values(), ZERO)
        return {code: to_cents(amount) for code, amount in credited.items()}


register(CreditedRevenue())
