"""How much of what is on a page may be said aloud: every datum about a customer carries one of three tags.

An app declares the data that it puts on a customer's page with `registry.datum`. What tag a datum has for whom is decided on the
floor of customers (apps.customers.discretion); here are only the words.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Tag(TextChoices):
    """What one may do with a datum. The least careful first."""

    OPEN = "open", _("Open")
    DISCREET = "discreet", _("Discreet")
    HIDDEN = "hidden", _("Hidden")

    @property
    def icon(self) -> str:
        return {"open": "eye", "discreet": "ear-off", "hidden": "lock"}[self.value]

    @property
    def meaning(self) -> Any:
        return _MEANINGS[self.value]


_MEANINGS = {
    "open": _("You may say it."),
    "discreet": _("Know it, act on it, do not say it. Let the customer tell you."),
    "hidden": _("It is not shown here."),
}
CAREFUL = {tag: rank for rank, tag in enumerate(Tag)}
"""How careful each tag is: of two that hold, the more careful one counts."""


@dataclass(frozen=True, kw_only=True)
class Datum:
    """Something known about a customer that stands on their page.

    `tag` holds unless `by_purpose` knows better for the purpose of the look-up. With an evidence of `opens_with` what is
    discreet becomes open: who shows their card, or names their order, brought it up themselves.
    """

    name: str
    label: Any
    tag: Tag
    by_purpose: Mapping[str, Tag] = field(default_factory=dict)
    opens_with: Collection[str] = ()


TagOf = Callable[[str], Tag]
"""The tag of each datum for one reader of one customer."""
