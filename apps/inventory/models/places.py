"""Where in the building it lies."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import QuantityField
from apps.inventory.models.conditions import Condition
from apps.inventory.querysets import PlaceLevelQuerySet, PlaceQuerySet
from apps.network.models import LegalEntity, Location


class Place(models.Model):
    """A shelf, bin or corner inside a location, by the code on its label (`A-12-3`).

    Customers take from shelves and bins; a stockroom holds what is to fill them, staging what was picked and waits for a
    customer or a carrier, quarantine what is not to be sold now.
    """

    class Kind(models.TextChoices):
        SHELF = "shelf", _("Shelf")
        BIN = "bin", _("Bin")
        STOCKROOM = "stockroom", _("Stockroom")
        STAGING = "staging", _("Set ready")
        QUARANTINE = "quarantine", _("Quarantine")

    location = models.ForeignKey(
        Location, models.PROTECT, related_name="places", db_index=False, verbose_name=_("location")
    )
    code = models.CharField(_("code"), max_length=16)
    name = models.CharField(_("name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SHELF)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(fields=["location", "code"], name="one_place_code"),
            models.UniqueConstraint("location", Upper("code"), name="one_place_whatever_the_case"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return f"{reverse('inventory:lying')}?{urlencode({'location': self.location.code, 'place': self.code})}"


class PlaceLevel(models.Model):
    """How many of a stock level lie on a place, by the ledger; what lies on no place is the rest of the level.

    It changes with the ledger, under the lock of its stock level. Promises never look at it. A row of zero says where goods
    lay last, or belong.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="levels", db_index=False, verbose_name=_("place"))
    # Where the place is: repeated here, so that a variant's shelf in one of many stores is one index lookup.
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_index=False, verbose_name=_("location"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="place_levels", db_index=False, verbose_name=_("variant")
    )
    condition = models.CharField(_("condition"), max_length=10, choices=Condition.choices, default=Condition.SALEABLE)
    owner = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", db_index=False, verbose_name=_("owner"))
    quantity = QuantityField(_("quantity"), default=0)

    objects = PlaceLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("quantity on a place")
        verbose_name_plural = _("quantities on places")
        constraints = [
            models.UniqueConstraint(fields=["place", "variant", "condition", "owner"], name="one_place_level"),
            models.CheckConstraint(name="never_below_nothing_on_a_place", condition=Q(quantity__gte=0)),
        ]
        indexes = [models.Index(fields=["variant", "location"], name="shelves_of_variant")]

    def __str__(self) -> str:
        return f"{self.variant} on {self.place}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:variant", kwargs={"sku": self.variant.sku})
