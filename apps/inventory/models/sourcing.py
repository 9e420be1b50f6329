"""Choosing where an order comes from: the rules, what was decided by them, and the figures they look at."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.catalogue.models import Variant
from apps.core.ledger.models import INSERT_ONLY
from apps.core.money import AmountField, QuantityField
from apps.core.publishing import Publishable
from apps.inventory.models.promises import Reservation
from apps.inventory.querysets import SourcingProfileQuerySet
from apps.network.models import Location


class Criterion(models.TextChoices):
    """What makes one location come before another; a strategy names some of them, the first weighs most."""

    FEWEST_PARCELS = "fewest_parcels", _("Fewest parcels")
    WAREHOUSE_FIRST = "warehouse_first", _("Distribution centre before store")
    OWN_FIRST = "own_first", _("Own stock before a franchisee's")
    NEAREST = "nearest", _("Nearest to the customer")
    LEAST_BUSY = "least_busy", _("Most room left in its day")
    SLOWEST_STOCK = "slowest_stock", _("Where it lies longest")


class Speed(models.TextChoices):
    """How soon the customer asked a delivery to come."""

    STANDARD = "standard", pgettext_lazy("speed of delivery", "Standard")
    NEXT_DAY = "next_day", _("Next day")
    SAME_DAY = "same_day", _("Same day")


class SourcingProfile(Publishable):
    """Ordered strategies; the first that can send a whole order does. The one published last is in force.

    A published profile never changes, so that every decision can be worked out again. When no strategy fits,
    `takes_from_anywhere` says whether the order is sent from wherever it lies, or refused.
    """

    version = models.CharField(_("version"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=80)
    takes_from_anywhere = models.BooleanField(
        _("else from anywhere"),
        default=True,
        help_text=_("When no strategy fits: send it from wherever it lies, rather than refuse the order."),
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = SourcingProfileQuerySet.as_manager()

    class Meta(Publishable.Meta):
        verbose_name = _("sourcing profile")
        verbose_name_plural = _("sourcing profiles")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    def get_absolute_url(self) -> str:
        return reverse("inventory:sourcing-profile", kwargs={"version": self.version})


class SourcingStrategy(models.Model):
    """When it applies, which locations take part, and by what they are put in order. An empty condition is always true."""

    class Sources(models.TextChoices):
        ALL = "all", _("Stores and distribution centres")
        WAREHOUSES = "dc", _("Distribution centres")
        STORES = "store", _("Stores")

    profile = models.ForeignKey(
        SourcingProfile, models.CASCADE, related_name="strategies", db_index=False, verbose_name=_("sourcing profile")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=60)
    channels = ArrayField(models.CharField(max_length=32), default=list, blank=True, verbose_name=_("channels"))
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True, verbose_name=_("countries"))
    speeds = ArrayField(
        models.CharField(max_length=12, choices=Speed.choices), default=list, blank=True, verbose_name=_("speeds")
    )
    least_value = AmountField(_("order value from"), null=True, blank=True)
    most_value = AmountField(_("order value below"), null=True, blank=True)
    sources = models.CharField(_("from"), max_length=6, choices=Sources.choices, default=Sources.ALL)
    only_own = models.BooleanField(_("no franchisee's stock"), default=False)
    most_days = models.PositiveSmallIntegerField(_("promised within so many days"), null=True, blank=True)
    in_time = models.BooleanField(
        _("only who makes the promised day"),
        default=False,
        help_text=_("Leaves out locations from which it would come after the day that the customer was promised."),
    )
    most_km = models.PositiveSmallIntegerField(_("at most so many km away"), null=True, blank=True)
    most_parcels = models.PositiveSmallIntegerField(_("at most so many parcels"), null=True, blank=True)
    keep_days = models.PositiveSmallIntegerField(_("stores keep so many days of their own sale"), null=True, blank=True)
    divides = models.BooleanField(_("divides a line over locations"), default=False)
    criteria = ArrayField(models.CharField(max_length=16, choices=Criterion.choices), verbose_name=_("criteria"))

    class Meta:
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        ordering = ["profile_id", "position"]
        constraints = [models.UniqueConstraint(fields=["profile", "position"], name="one_strategy_at_a_position")]
        triggers = [
            # A strategy belongs to its profile: what is published stands still, by whatever way it is reached.
            pgtrigger.Trigger(
                name="published_for_ever",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("published", "timestamptz")],
                func="""
                    SELECT published_at INTO published FROM inventory_sourcingprofile
                     WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.profile_id ELSE OLD.profile_id END;
                    IF published IS NOT NULL THEN
                        RAISE EXCEPTION 'a published sourcing profile never changes';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name


class SourcingRun(models.Model):
    """Where the goods of a reservation were chosen to come from, and why not from elsewhere.

    `strategies` are those tried in vain: [{"name", "missing": variants left over, or null for too many parcels}].
    `candidates` are the locations that had some of it, the chosen first, at most `decisions.KEPT`: [{"location", "verdict",
    "variants": [ids it sends], "km", "detail"}]; `others` counts what was left out, by verdict. Without a profile the built-in
    one decided. `without_day` says that what has waited was tried again without its promised day.
    """

    reservation = models.ForeignKey(
        Reservation, models.PROTECT, related_name="sourcing_runs", verbose_name=_("reservation")
    )
    profile = models.ForeignKey(
        SourcingProfile, models.PROTECT, null=True, related_name="+", verbose_name=_("sourcing profile")
    )
    strategy = models.CharField(_("strategy"), max_length=60, blank=True)
    strategies = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    others = models.JSONField(default=dict)
    without_day = models.BooleanField(_("without the promised day"), default=False, db_default=False)
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("sourcing decision")
        verbose_name_plural = _("sourcing decisions")
        triggers = INSERT_ONLY

    def __str__(self) -> str:
        return f"{self.reservation_id}: {self.strategy}"


class ParcelDay(models.Model):
    """How many parcels a location was given to send on a day. Kept for locations with a limit only."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_index=False, verbose_name=_("location"))
    day = models.DateField(_("day"))
    parcels = models.PositiveIntegerField(_("parcels"), default=0)

    class Meta:
        verbose_name = _("parcels of a day")
        verbose_name_plural = _("parcels of days")
        constraints = [models.UniqueConstraint(fields=["location", "day"], name="one_parcel_day")]

    def __str__(self) -> str:
        return f"{self.location_id} {self.day}: {self.parcels}"


class SellThrough(models.Model):
    """How many of a variant a location sells a day, out of the stock ledger of the last weeks. Worked out anew each night."""

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("variant"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("location"))
    per_day = QuantityField(_("a day"))

    class Meta:
        verbose_name = _("sell-through")
        verbose_name_plural = _("sell-throughs")
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="one_sell_through"),
            models.CheckConstraint(name="sell_through_positive", condition=Q(per_day__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} @ {self.location_id}: {self.per_day}"


class Feed(models.Model):
    """What is known of a location's sales: up to when its tills have told of them, and when they were last heard."""

    location = models.OneToOneField(Location, models.PROTECT, related_name="feed", verbose_name=_("location"))
    known_until = models.DateTimeField(_("sales known until"))
    heard_at = models.DateTimeField(_("last heard"))

    class Meta:
        verbose_name = _("till feed")
        verbose_name_plural = _("till feeds")

    def __str__(self) -> str:
        return f"{self.location_id}: {self.known_until}"
