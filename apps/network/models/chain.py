"""The network: channels, stores, distribution centres, and the companies behind them."""

import datetime as dt

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core.audit.triggers import audited, audited_when_added
from apps.core.money import CurrencyField
from apps.network.querysets import ChannelQuerySet, LegalEntityQuerySet, LocationQuerySet

OF_LOCATION = "SELECT code FROM network_location WHERE id = row.location_id"  # whose row it is, for the audit trail


def _refuse(why: str) -> str:
    return f"RAISE EXCEPTION '{why}' USING ERRCODE = 'check_violation';"


def _never_a_supplier(column: str, why: str) -> pgtrigger.Trigger:
    """A supplier's goods are sold by others, in locations of others."""
    return pgtrigger.Trigger(
        name="never_a_supplier",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(column),
        func=f"""
            IF EXISTS (SELECT FROM network_legalentity WHERE id = NEW.{column} AND kind = 'supplier') THEN
                {_refuse(why)}
            END IF;
            RETURN NEW;
        """,
    )


class LegalEntity(models.Model):
    """A company that owns stock: the retailer itself, a franchisee, or a supplier whose goods are sold for him.

    Own companies and franchisees run locations and sell; a supplier does neither, and what he is, he stays.
    """

    class Kind(models.TextChoices):
        OWN = "own", _("Own company")
        FRANCHISEE = "franchisee", _("Franchisee")
        SUPPLIER = "supplier", _("Supplier")

    BEHIND_LOCATIONS = (Kind.OWN, Kind.FRANCHISEE)

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    kvk_number = models.CharField(_("KvK number"), max_length=8, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NL")
    currency = CurrencyField(_("currency"), default="EUR")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Amsterdam")

    objects = LegalEntityQuerySet.as_manager()

    class Meta:
        triggers = [
            audited("legal entity", key="row.code", table="network_legalentity"),
            pgtrigger.Trigger(
                name="supplier_stays_one",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("kind"),
                condition=pgtrigger.Condition(
                    "OLD.kind <> NEW.kind AND (OLD.kind = 'supplier' OR NEW.kind = 'supplier')"
                ),
                func=_refuse("a legal entity does not become a supplier, nor a supplier something else"),
            ),
        ]
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """A store or distribution centre that holds stock."""

    class Kind(models.TextChoices):
        STORE = "store", _("Store")
        DC = "dc", _("Distribution centre")

    class SalesCome(models.TextChoices):
        """Whether a ticket of its tills is known as soon as it is made, or with the others of the day."""

        AT_ONCE = "at_once", _("At once")
        BATCH = "batch", _("In batches")

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.STORE)
    street = models.CharField(_("street"), max_length=80, blank=True)
    house_number = models.CharField(_("house number"), max_length=12, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10)
    city = models.CharField(_("city"), max_length=60)
    country = models.CharField(_("country"), max_length=2, default="NL")
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Amsterdam")
    offers_collect = models.BooleanField(_("offers collect"), default=True)
    ships_orders = models.BooleanField(_("ships orders"), default=False)
    parcels_a_day = models.PositiveSmallIntegerField(
        _("parcels a day"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    sales_come = models.CharField(
        _("till sales come"), max_length=8, choices=SalesCome.choices, default=SalesCome.AT_ONCE
    )
    delivers_within_km = models.PositiveSmallIntegerField(
        _("brings orders within (km)"), null=True, blank=True, help_text=_("Empty: it brings nothing itself.")
    )
    active_from = models.DateField(_("active from"), default=dt.date(2000, 1, 1))
    active_until = models.DateField(_("active until"), null=True, blank=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        triggers = [audited("location", key="row.code", table="network_location")]
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("network:location", kwargs={"code": self.code})


class Ownership(models.Model):
    """Which legal entity owned a location's stock and till money, and when. Periods never overlap."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="ownerships", verbose_name=_("location"))
    legal_entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="ownerships", verbose_name=_("legal entity")
    )
    valid = DateRangeField(_("valid"))

    class Meta:
        triggers = [
            audited("location", key=OF_LOCATION, table="network_ownership"),
            audited_when_added("location", key=OF_LOCATION, table="network_ownership"),
            _never_a_supplier("legal_entity_id", "a supplier owns no location"),
        ]
        verbose_name = _("ownership")
        verbose_name_plural = _("ownerships")
        constraints = [
            ExclusionConstraint(
                name="one_owner_at_a_time",
                expressions=[("location", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.location} {self.legal_entity} {self.valid}"


class FulfilmentConsent(models.Model):
    """A franchisee's word that orders of others may be sent from their stock, and for how long. Periods never overlap.

    Without it their stock is sold by their own tills and collected in their own stores only.
    """

    location = models.ForeignKey(Location, models.PROTECT, related_name="consents", verbose_name=_("location"))
    legal_entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+", verbose_name=_("legal entity"))
    valid = DateRangeField(_("valid"))

    class Meta:
        triggers = [
            audited("location", key=OF_LOCATION, table="network_fulfilmentconsent"),
            audited_when_added("location", key=OF_LOCATION, table="network_fulfilmentconsent"),
        ]
        verbose_name = _("consent to send orders")
        verbose_name_plural = _("consents to send orders")
        constraints = [
            ExclusionConstraint(
                name="one_consent_at_a_time",
                expressions=[("location", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.location} {self.legal_entity} {self.valid}"


class Channel(models.Model):
    """A way in which customers buy: a webshop, an app, the service desk, or the tills of one store.

    A channel has one currency, time zone and VAT basis. `vat_basis` "unknown" is for imported history whose amounts are
    kept as booked.
    """

    class Kind(models.TextChoices):
        WEBSHOP = "webshop", _("Webshop")
        STORE = "store", _("Store")
        APP = "app", _("App")
        DESK = "desk", _("Service desk")
        PARTNER = "partner", _("Partner")

    ONLINE = frozenset({Kind.WEBSHOP, Kind.APP, Kind.DESK, Kind.PARTNER})

    class VatBasis(models.TextChoices):
        INCLUDED = "included", _("VAT included")
        UNKNOWN = "unknown", _("VAT unknown")

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    location = models.OneToOneField(
        Location, models.PROTECT, null=True, blank=True, related_name="channel", verbose_name=_("location")
    )
    seller = models.ForeignKey(
        LegalEntity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("seller"),
        help_text=_("Empty for a store: there the owner of the day sells."),
    )
    country = models.CharField(_("country"), max_length=2, default="NL")
    currency = CurrencyField(_("currency"), default="EUR")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Amsterdam")
    locale = models.CharField(_("language"), max_length=8, default="nl")
    vat_basis = models.CharField(_("VAT basis"), max_length=8, choices=VatBasis.choices, default=VatBasis.INCLUDED)
    verifies_email = models.BooleanField(_("verifies e-mail addresses"), default=False)
    price_tolerance = models.DecimalField(
        _("price tolerance"), max_digits=12, decimal_places=4, default=0, help_text=_("Per unit, either way.")
    )
    collect_reminder_days = models.PositiveSmallIntegerField(_("days until a reminder to collect"), default=3)
    collect_days = models.PositiveSmallIntegerField(_("days that goods lie ready"), default=7)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        triggers = [
            audited("channel", key="row.code", table="network_channel"),
            _never_a_supplier("seller_id", "a supplier sells in no channel"),
        ]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="reminded_before_it_expires",
                condition=models.Q(collect_reminder_days__lt=models.F("collect_days")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_online(self) -> bool:
        """Whether its sales count as online revenue."""
        return self.kind in self.ONLINE
