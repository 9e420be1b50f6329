"""In what state goods are."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Condition(models.TextChoices):
    """In what state goods are. Only what is saleable is ever promised.

    What is on its way between two locations stands at the one it goes to, and still belongs to the sender's owner.
    """

    SALEABLE = "saleable", _("Saleable")
    DISPLAY = "display", _("On display")
    DAMAGED = "damaged", _("Damaged")
    QUALITY = "quality", _("Quality control")
    REFURBISH = "refurbish", _("To refurbish")
    SUPPLIER = "supplier", _("Back to the supplier")
    IN_TRANSIT = "in_transit", _("On its way")


IN_THE_BUILDING = tuple(condition for condition in Condition if condition != Condition.IN_TRANSIT)
"""What people find in a location, and may put into another condition by hand."""
