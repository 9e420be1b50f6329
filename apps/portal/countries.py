"""Countries by their ISO code, named in the language of the page."""

from django.utils.translation import gettext_lazy as _

COUNTRIES = [("NL", _("Netherlands")), ("BE", _("Belgium")), ("DE", _("Germany"))]


def country_name(code: str) -> str:
    """The country's name; for one the chain is not in, its code."""
    return str(dict(COUNTRIES).get(code, code))
