"""Payments in the register of personal data: amounts and the provider's references, nobody's name or account."""

from apps.core.privacy.register import declare
from apps.payments.models import PaymentAccount, PaymentEntry, Tender

declare(PaymentAccount, impersonal={"currency"})
declare(Tender, impersonal={"method", "provider", "reference", "currency"})
declare(PaymentEntry, impersonal={"cause_type", "cause_id", "kind", "actor", "currency", "provider_reference"})
