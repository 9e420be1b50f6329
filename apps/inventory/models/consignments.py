"""Goods that lie here and are the supplier's until they are sold."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.catalogue.models import Variant
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.ids import new_id
from apps.inventory.querysets import ConsignmentQuerySet
from apps.network.models import LegalEntity, Location


class Consignment(models.Model):
    """From a day on, and perhaps to another (the first on which it no longer holds), a variant at a location is the supplier's.

    Without a location it is so everywhere, save where a consignment of that location says of whom. At one place a variant is
    of one supplier at a time.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    supplier = models.ForeignKey(LegalEntity, models.PROTECT, related_name="consignments", verbose_name=_("supplier"))
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", verbose_name=_("location"))
    valid = DateRangeField(_("valid"))

    objects = ConsignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consignment")
        verbose_name_plural = _("consignments")
        triggers = [
            audited("consignment", key="row.key::text", table="inventory_consignment"),
            audited_when_added("consignment", key="row.key::text", table="inventory_consignment"),
        ]
        constraints = [
            ExclusionConstraint(
                name="one_supplier_at_a_time",
                expressions=[
                    ("variant", RangeOperators.EQUAL),
                    (Coalesce("location", Value(0), output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="consigned_for_a_day_at_least", condition=models.Q(valid__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"{self.variant}, {self.supplier}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:end-consignment", kwargs={"key": self.key})

    @property
    def place(self) -> str:
        """Where it holds, in words."""
        return str(self.location or _("Everywhere"))
