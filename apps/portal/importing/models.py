"""A file somebody wants to import, and what was found in it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.jobs.models import Job
from apps.core.reach import reach_of
from apps.portal.importing.kinds import ImportKind, kind_called, kinds


def file_place(upload: "Import", filename: str) -> str:
    """Where an uploaded file is kept: in a folder nobody can guess, under a name of our own."""
    return f"imports/{upload.key}/file"


class ImportQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Any) -> Self:
        """One's own, of the kinds one may still import."""
        if getattr(principal, "is_api_client", False):
            return self.none()
        reach = reach_of(principal)
        return self.filter(owner=principal.pk, kind__in=[kind.name for kind in kinds() if reach.may(kind.permission)])


class Import(models.Model):
    """One uploaded file. `reading` says how its cells are read, `mapping` which column is which, `options` what goes for
    all rows. `counts` are those of the last look through: new, changed, unchanged, error; `marks` how many rows have each mark.

    A check looks through the file; what it found may be booked as long as nothing of how it is read was changed since.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Not checked yet")
        CHECKED = "checked", _("Checked")
        BOOKED = "booked", _("Done")

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("owner")
    )
    file = models.FileField(_("file"), upload_to=file_place, max_length=200, blank=True)
    file_name = models.CharField(_("file"), max_length=160)
    reading = models.JSONField()
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(_("status"), max_length=10, choices=State.choices, default=State.UPLOADED)
    counts = models.JSONField(default=dict)
    marks = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    only_valid = models.BooleanField(default=False)
    link = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("loaded"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked"), null=True)
    booked_at = models.DateTimeField(_("booked"), null=True)
    expires_at = models.DateTimeField(_("file kept until"))

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["owner", "-uploaded_at"], name="import_of_owner")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("imports:import", kwargs={"key": self.key})

    @property
    def of_kind(self) -> ImportKind:
        kind = kind_called(self.kind)
        if kind is None:
            raise LookupError(f"there is no import called {self.kind}")
        return kind

    @property
    def mapping_places(self) -> dict[str, int]:
        """{column of the kind: the cell it stands in}."""
        return {name: self.header.index(head) for name, head in self.mapping.items() if head in self.header}

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def errors(self) -> int:
        return int(self.counts.get("error", 0))

    @property
    def effect(self) -> int:
        """How many rows would change something."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))

    @property
    def is_busy(self) -> bool:
        return self.job is not None and self.job.is_active

    @property
    def has_file(self) -> bool:
        return bool(self.file) and self.expires_at > timezone.now()


class ImportRow(models.Model):
    """What was found in one row that is new, changes something or is wrong. `cells` is the row as it came, of a wrong one."""

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        ERROR = "error", _("Wrong")

    upload = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    number = models.IntegerField(_("row"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    mark = models.CharField(max_length=16, blank=True, db_default="")
    key = models.CharField(_("key"), max_length=200)
    differences = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=list)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="one_result_a_row")]
        indexes = [models.Index(fields=["upload", "outcome", "number"], name="rows_by_outcome")]

    def __str__(self) -> str:
        return self.key

    def problems_in_words(self) -> list[dict[str, str]]:
        """What is wrong, in the reader's language: column, value, reason, mend."""
        kind = self.upload.of_kind
        said = []
        for problem in self.problems:
            label = str(kind.column(problem["column"]).label) if problem["column"] else ""
            words = {"column": label, "value": problem["value"], **problem["params"]}
            said.append(
                {
                    "column": label,
                    "value": problem["value"],
                    "reason": gettext(problem["reason"]) % words,
                    "mend": gettext(problem["mend"]) % words,
                }
            )
        return said

    def differences_in_words(self) -> list[dict[str, str]]:
        """What changes, in the reader's language: label, old, new."""
        kind = self.upload.of_kind
        return [{"label": str(kind.column(name).label), "old": old, "new": new} for name, old, new in self.differences]


class ImportMemory(models.Model):
    """Which columns somebody chose the last time they imported this kind: {column: header}."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    mapping = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "kind"], name="one_import_memory")]

    def __str__(self) -> str:
        return self.kind
