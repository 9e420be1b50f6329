"""Whose goods lie here, for whoever looks at them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.catalogue.models import Variant
from apps.network.models import Location


def said_of_owner(variant: Variant, *, consignments: Any, store: Location | None) -> str:
    """ "In consignment from …", of the store or of anywhere; blank where it is not. `consignments` are those that the reader
    may see. One query.
    """
    found = consignments.filter(variant=variant).on(timezone.localdate()).select_related("supplier")
    rows = list(found.order_by("location_id", "pk"))  # those of everywhere come last
    if store is not None:
        rows = [row for row in rows if row.location_id in {store.pk, None}][:1]
    names = sorted({row.supplier.name for row in rows})
    return _("In consignment from %(supplier)s") % {"supplier": ", ".join(names)} if names else ""
