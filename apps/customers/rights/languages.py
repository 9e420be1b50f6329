"""In which language somebody is answered."""

from django.conf import settings

from apps.core.languages import known_locale
from apps.customers.models import Customer

_SPOKEN_IN = {"NL": "nl", "BE": "nl", "SR": "nl"}


def language_of(customer: Customer) -> str:
    """The language of the country they live in, where we write it; of who lives nowhere that we know, the shop's own."""
    asked = _SPOKEN_IN.get(customer.country, "en") if customer.country else settings.LANGUAGE_CODE
    return known_locale(asked)
