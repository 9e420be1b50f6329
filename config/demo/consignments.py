"""A supplier whose goods are his until they are sold: a few products, everywhere, since the history begins."""

import datetime as dt

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.catalogue.models import Variant
from apps.inventory.models import Consignment
from apps.network.suppliers import add_supplier
from config.demo.plan import Plan

_PRODUCTS = 3
_BEFORE = dt.timedelta(days=60)  # the shelves are filled before the history begins


def consign_some(plan: Plan) -> int:
    """Before anything is received, so that every movement of these is the supplier's."""
    supplier = add_supplier(code="L001", name="Weverij van Zuid B.V.", kvk_number="30518274")
    variants = Variant.objects.order_by("product_id", "pk")
    products = list(dict.fromkeys(variants.values_list("product_id", flat=True)))[:_PRODUCTS]
    consigned = Consignment.objects.bulk_create(
        Consignment(supplier=supplier, variant=variant, valid=DateRange(plan.starts_on - _BEFORE, None))
        for variant in variants.filter(product__in=products)
    )
    return len(consigned)
