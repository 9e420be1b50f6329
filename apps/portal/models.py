"""What people set up for themselves: views of lists they come back to, and the columns they want to see."""

import uuid
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.core.audit.triggers import audited, audited_when_added
from apps.core.reach import reach_of
from apps.portal.importing.models import Import, ImportMemory, ImportRow

__all__ = ["Import", "ImportMemory", "ImportRow", "ListSettings", "SavedView", "WorkTime"]


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, principal: Any) -> Self:
        """One's own, and those shared with a role that one has. To an API client: those shared with anybody."""
        if getattr(principal, "is_api_client", False):
            return self.exclude(role="")
        return self.filter(Q(owner=principal.pk) | Q(role__in=reach_of(principal).roles))


class SavedView(models.Model):
    """The filters, order and columns of a list under a name: a tab for whoever made it, or for everybody in a role."""

    page = models.CharField(max_length=80)  # the name of the list
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=40)
    query = models.TextField(blank=True)  # filters and order as they stand in an address
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)  # none: the person's own choice
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("shared with"), max_length=20, choices=Role.choices, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    late = False
    counted = True

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["page", "owner"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = f"{slugify(self.name)[:60] or 'view'}-{uuid.uuid4().hex[:6]}"
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        return self.name

    @property
    def params(self) -> dict[str, list[str]]:
        """The filters: parameters with their values."""
        found: dict[str, list[str]] = {}
        for name, value in self._pairs():
            if name != "sort":
                found.setdefault(name, []).append(value)
        return found

    @property
    def sort(self) -> list[str]:
        return [value for name, value in self._pairs() if name == "sort"]

    def _pairs(self) -> Iterator[tuple[str, str]]:
        yield from parse_qsl(self.query)


class ListSettings(models.Model):
    """How one person wants one list: which columns in which order, how many rows, and where they arrive."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=80)
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)  # none: as the page declares them
    rows = models.PositiveSmallIntegerField(null=True, blank=True)  # on one page; none: as the page declares
    start = models.CharField(max_length=80, blank=True)  # the slug of the view one arrives in

    class Meta:
        verbose_name = _("list settings")
        verbose_name_plural = _("list settings")
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="one_set_of_list_settings")]

    def __str__(self) -> str:
        return self.page


class Visit(models.Model):
    """That somebody looked at an object, so that they find it back. It keeps the address alone: what the object is called
    is read anew, within the reach of that moment."""

    KEPT = 15

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=200)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="one_visit_an_address")]
        indexes = [models.Index(fields=["user", "-seen_at"], name="visits_newest")]

    def __str__(self) -> str:
        return self.address

    @classmethod
    def note(cls, user: Any, address: str) -> None:
        """Write down that somebody is at an address, and forget the oldest beyond KEPT; one statement."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH noted AS (INSERT INTO portal_visit (user_id, address, seen_at) VALUES (%s, %s, clock_timestamp()) "
                "ON CONFLICT (user_id, address) DO UPDATE SET seen_at = clock_timestamp()) "
                "DELETE FROM portal_visit WHERE id IN (SELECT id FROM portal_visit WHERE user_id = %s AND address <> %s "
                "ORDER BY seen_at DESC OFFSET %s)",
                [user.pk, address, user.pk, address, cls.KEPT - 1],
            )

    @classmethod
    def newest(cls, user: Any) -> list[str]:
        """Where somebody was, the newest first."""
        visits = cls._default_manager.filter(user=user.pk).order_by("-seen_at")
        return list(visits.values_list("address", flat=True)[: cls.KEPT])


class WorkTime(models.Model):
    """Within how many minutes of opening time work of a kind is to be done, where the chain wants it otherwise."""

    kind = models.CharField(max_length=40, unique=True)  # its name
    minutes = models.PositiveIntegerField(_("minutes of opening time"))

    class Meta:
        verbose_name = _("time for work")
        verbose_name_plural = _("times for work")
        constraints = [models.CheckConstraint(name="work_time_positive", condition=Q(minutes__gt=0))]
        triggers = [
            audited("work time", key="row.kind", table="portal_worktime"),
            audited_when_added("work time", key="row.kind", table="portal_worktime"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.minutes}"
