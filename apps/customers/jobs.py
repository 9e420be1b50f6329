"""The background work of this app."""

from apps.customers.resolving import jobs as resolving_jobs  # noqa: F401  (registers it)
from apps.customers.rights import jobs as rights_jobs  # noqa: F401  (registers it)
from apps.customers.rights.retention import jobs as retention_jobs  # noqa: F401  (registers it)
from apps.customers.segments import jobs  # noqa: F401  (registers it)
