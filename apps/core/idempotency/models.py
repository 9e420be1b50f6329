"""Keys that make a repeated write answer what the first one answered."""

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """The first 2xx answer to a key, per API client and path. Written in the effect's own transaction."""

    client = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "path", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.client} {self.path} {self.key}"
