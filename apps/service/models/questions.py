"""What the desk asks a store about a customer, or a store asks the desk; and the answer."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.ids import new_id
from apps.core.privacy.triggers import RECORD
from apps.customers.models import SourceRecord
from apps.network.models import Location
from apps.service.models.contacts import ContactMoment
from apps.service.querysets import QuestionQuerySet


class Question(models.Model):
    """A question out of a conversation. `location` is the store that is asked; without one the service desk is.

    It is open until its `Answer` is there.
    """

    key = models.UUIDField(default=new_id, unique=True, editable=False)
    contact = models.ForeignKey(
        ContactMoment, models.PROTECT, related_name="questions", verbose_name=_("contact moment")
    )
    source_record = models.ForeignKey(
        SourceRecord, models.PROTECT, null=True, related_name="questions", db_index=False, verbose_name=_("customer")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="questions", verbose_name=_("asked of")
    )
    asked_in = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", verbose_name=_("asked in"))
    order_number = models.CharField(_("order"), max_length=16, blank=True)
    text = models.TextField(_("question"))
    actor = models.CharField(max_length=64)
    asked_by = models.CharField(_("asked by"), max_length=120, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["source_record", "-asked_at"], name="question_of_person"),
            models.Index(fields=["-asked_at", "-id"], name="question_newest"),
        ]
        triggers = RECORD

    def __str__(self) -> str:
        return str(_("Question"))

    def get_absolute_url(self) -> str:
        return reverse("service:question", kwargs={"key": self.key})


class Answer(models.Model):
    """The answer to a question, which closes it."""

    question = models.OneToOneField(Question, models.PROTECT, related_name="answer", verbose_name=_("question"))
    text = models.TextField(_("answer"))
    actor = models.CharField(max_length=64)
    answered_by = models.CharField(_("answered by"), max_length=120, blank=True)
    answered_at = models.DateTimeField(_("answered"), default=timezone.now)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        triggers = RECORD

    def __str__(self) -> str:
        return f"{self.answered_at:%Y-%m-%d %H:%M}"
