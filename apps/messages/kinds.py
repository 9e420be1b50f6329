"""Kinds of mail in words. A kind is a folder of templates/messages/."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from apps.customers.models import Purpose

KINDS = {
    "card_welcome": _("New card"),
    "card_known": _("New card for somebody known"),
    "card_again": _("Card mailed again"),
    "collect_ready": _("Ready to collect"),
    "collect_reminder": _("Still ready to collect"),
    "not_collected": _("Not collected in time"),
    "order_confirmed": _("Order confirmed"),
    "order_rerouted": _("Delivered another way"),
    "order_shipped": _("Parcel on its way"),
    "order_readdressed": _("Goes to another address"),
    "left_out": _("Left out: the store could not find it"),
    "receipt": _("Receipt"),
    "refund_done": _("Money given back"),
    "recall": _("Recall"),
    "shelf_list": _("Where it stands in the store"),
    "confirm_consent": _("Please confirm"),
    "privacy_received": _("Privacy request received"),
    "privacy_extended": _("Privacy request takes longer"),
    "privacy_refused": _("Privacy request refused"),
    "newsletter": _("Newsletter"),
    "personal_offer": _("Personal offer"),
}

# What is marketing goes only to whom allows it. The kind decides, so that nobody sends an offer as service.
MARKETING: Mapping[str, Purpose] = {
    "newsletter": Purpose.NEWSLETTER,
    "personal_offer": Purpose.PERSONAL_OFFERS,
}


def kind_in_words(template: str) -> str:
    """What a mail is about; one nobody named here goes by its folder."""
    return str(KINDS.get(template, template))
