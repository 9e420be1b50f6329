"""What is drafted, then published for good: rules that people are judged by must be readable for ever as they were."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

PUBLISHED_FOR_EVER = [
    pgtrigger.Protect(
        name="published_for_ever",
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(old__published_at__isnull=False),
    )
]
"""For the Meta of a `Publishable`: the database lets nobody change or remove what was published."""


def stands_with(table: str, *, key: str) -> pgtrigger.Trigger:
    """For the rows that a `Publishable` of `table` is made of, of which `key` names the column with its id: what is published
    stands still, by whatever way it is reached."""
    return pgtrigger.Trigger(
        name="published_for_ever",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("published", "timestamptz")],
        func=f"""
            SELECT max(published_at) INTO published FROM {table}
             WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.{key} END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.{key} END);
            IF published IS NOT NULL THEN
                RAISE EXCEPTION 'what is published never changes';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        """,
    )


class Publishable(models.Model):
    """A draft until `published_at`; from then on it stands still. `published_by` is an actor's key."""

    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.CharField(_("published by"), max_length=64, blank=True)

    class Meta:
        abstract = True
        triggers = PUBLISHED_FOR_EVER

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
