"""Where in the building it lies."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.money import QuantityField
from apps.network.models import Location


class Place(models.Model):
    """A shelf or bin inside a location, by the code on its label (`A-12-3`)."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="places", verbose_name=_("location"))
    code = models.CharField(_("code"), max_length=16)
    name = models.CharField(_("name"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [models.UniqueConstraint(fields=["location", "code"], name="one_place_code")]

    def __str__(self) -> str:
        return self.code


class PlaceLevel(models.Model):
    """How many lie on a shelf, as last seen there. A guide for whoever walks to it; promises never look at it."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="levels", verbose_name=_("place"))
    # Where the place is: repeated here, so that a variant's shelf in one of many stores is one index lookup.
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_index=False, verbose_name=_("location"))
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="place_levels", db_index=False, verbose_name=_("variant")
    )
    quantity = QuantityField(_("quantity"), default=0)

    class Meta:
        verbose_name = _("quantity on a shelf")
        verbose_name_plural = _("quantities on shelves")
        constraints = [models.UniqueConstraint(fields=["place", "variant"], name="one_place_level")]
        indexes = [models.Index(fields=["variant", "location"], name="shelves_of_variant")]

    def __str__(self) -> str:
        return f"{self.variant} on {self.place}"
