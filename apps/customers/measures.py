"""What this app knows of a person that segments can be made by."""

from apps.customers.segments import own_measures  # noqa: F401  (registers them)
