"""Where an order is brought: what the customer said last."""

from typing import NamedTuple

from apps.network.postcodes import Point, centroid
from apps.orders.models import Order


class PostalAddress(NamedTuple):
    """An address in normal form: postcode without a space, country as two letters."""

    street: str
    house_number: str
    postcode: str
    city: str
    country: str

    @property
    def is_complete(self) -> bool:
        """Whether a parcel could be addressed."""
        return bool(self.postcode and self.house_number)


def address_of(order: Order) -> PostalAddress | None:
    """Where it is brought; None when nobody gave a contact. Wants `contact` at hand, and asks for `new_addresses`."""
    contact = getattr(order, "contact", None)
    if contact is None:
        return None
    said = max(order.new_addresses.all(), key=lambda given: given.pk, default=contact)
    return PostalAddress(
        said.street, said.house_number, said.postcode, said.city, said.country or order.channel.country
    )


def point_of(address: PostalAddress | None) -> Point | None:
    """About where that is, if it is known."""
    return centroid(address.postcode, country=address.country) if address and address.postcode else None
