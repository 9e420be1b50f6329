"""Topics that the code itself knows, of the tree that head office keeps."""

from django.db.models import Q

COMPLAINT = Q(topic__code="complaint") | Q(topic__parent__code="complaint")
"""A condition on contact moments: about a complaint, or a part of it."""
