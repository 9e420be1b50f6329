"""Whether something is recalled, for whoever looks at it."""

from apps.catalogue.models import Variant
from apps.inventory.models import Recall


def recall_of(variant: Variant) -> Recall | None:
    """The recall that a variant is under."""
    return Recall.objects.filter(variants__variant=variant, variants__lifted_at=None).first()
