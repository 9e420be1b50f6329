"""At whose prices a page shows products."""

from apps.network.models import Channel, Location


def channel_shown(store: Location | None) -> Channel | None:
    """The tills of the store somebody works in; for those who look after the chain, its first webshop."""
    if store is not None:
        of_store = Channel.objects.filter(location=store).first()
        if of_store is not None:
            return of_store
    return webshop_shown()


def webshop_shown() -> Channel | None:
    """The first webshop of the chain."""
    webshops = Channel.objects.filter(kind=Channel.Kind.WEBSHOP, vat_basis=Channel.VatBasis.INCLUDED)
    return webshops.order_by("pk").first()
