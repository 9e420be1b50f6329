"""Kinds of mail in words. A kind is a folder of templates/messages/."""

from django.utils.translation import gettext_lazy as _

KINDS = {
    "collect_ready": _("Ready to collect"),
    "collect_reminder": _("Still ready to collect"),
    "not_collected": _("Not collected in time"),
    "order_confirmed": _("Order confirmed"),
    "order_rerouted": _("Delivered another way"),
    "order_shipped": _("Parcel on its way"),
    "order_readdressed": _("Goes to another address"),
    "left_out": _("Left out: the store could not find it"),
    "refund_done": _("Money given back"),
    "recall": _("Recall"),
    "shelf_list": _("Where it stands in the store"),
}


def kind_in_words(template: str) -> str:
    """What a mail is about; one nobody named here goes by its folder."""
    return str(KINDS.get(template, template))
