"""The background work of this app."""

from apps.customers.segments import jobs  # noqa: F401  (registers it)
