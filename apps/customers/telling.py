"""What the customers app tells somebody who asks what we know of them."""

from apps.customers.rights import chapters  # noqa: F401  (registers it)
