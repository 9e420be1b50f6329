"""What somebody who takes a card is asked to allow."""

from apps.customers.models import Consent

PURPOSES = (Consent.Purpose.NEWSLETTER, Consent.Purpose.PERSONAL_OFFERS, Consent.Purpose.PAYMENT_RECOGNITION)
