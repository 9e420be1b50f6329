"""Stock codes as variants of the catalogue, made when they are first sold."""

from collections.abc import Iterable, Mapping

from apps.catalogue.models import Variant, VatClass
from apps.catalogue.services.maintaining import NewProduct, NewVariant, add_products
from apps.core.events.models import Origin


def variants_of(skus: Iterable[str], *, names: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """{SKU: (variant id, name)}; articles that do not exist yet are added, one variant each, sold by the piece."""
    wanted = sorted(set(skus))
    known = _find(wanted)
    missing = [sku for sku in wanted if sku not in known]
    if missing:
        add_products(
            products=[
                NewProduct(
                    code=sku,
                    texts={"en": (names.get(sku, sku)[:160], "")},
                    variants=[NewVariant(sku=sku)],
                    vat_class=VatClass.UNKNOWN,
                )
                for sku in missing
            ],
            origin=Origin.HISTORY,
        )
        known |= _find(missing)
    return {sku: (variant_id, names.get(sku, sku)[:200]) for sku, variant_id in known.items()}


def _find(skus: list[str]) -> dict[str, int]:
    return dict(Variant.objects.filter(sku__in=skus).values_list("sku", "pk"))
