"""The customer wants a parcel brought elsewhere."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Fault, InvalidInput
from apps.core.events.log import Happened, record
from apps.core.retry import retried
from apps.customers.services import normalising
from apps.inventory.services.slots import brings_to
from apps.network.directory import locations
from apps.orders.acts import addressable
from apps.orders.addresses import PostalAddress, address_of, point_of
from apps.orders.models import NewAddress, Order
from apps.orders.services.fulfilling import locked


@retried
@transaction.atomic
def change_address(*, number: str, address: PostalAddress, actor: str) -> Order:
    """Bring what has not left yet to another address of the same country; where it comes from stays as it is.

    The customer is told by mail. The same address again changes nothing. Raises WrongState when nothing is still to be sent, or
    when a parcel is packed for the old address; InvalidInput for what is no address.
    """
    order, lines = locked(number)
    addressable(order, lines)
    known, said = address_of(order), _normal(address)
    country = known.country if known is not None else order.channel.country
    if said.country != country:
        detail = _("In another country other prices hold: cancel the order and place it anew.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "country")])
    if said == known:
        return order
    if order.slot is not None:
        _refuse_out_of_reach(order.slot.location_id, said)
    NewAddress.objects.create(order=order, **said._asdict(), actor=actor)
    record(
        Happened(
            topic="order.readdressed",
            object_type="order",
            object_key=order.number,
            occurred_at=timezone.now(),
            payload={"order": order.number},
        )
    )
    return order


def _refuse_out_of_reach(location_id: int, address: PostalAddress) -> None:
    place = locations(knowing=[location_id]).by_id[location_id]
    if not brings_to(place, point_of(address)):
        detail = _("%(store)s does not bring orders to that address.") % {"store": place.name}
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "postcode")])


def _normal(address: PostalAddress) -> PostalAddress:
    postcode = normalising.postcode(address.postcode)
    if address.country == "NL" and not normalising.is_dutch_postcode(postcode):
        detail = _("A Dutch postcode is four digits and two letters.")
        raise InvalidInput(detail, faults=[Fault("invalid", detail, "postcode")])
    digits, addition = normalising.house_number(address.house_number)
    if not postcode or not digits:
        detail = _("Give a postcode and a house number.")
        raise InvalidInput(detail, faults=[Fault("required", detail, "house_number" if postcode else "postcode")])
    return PostalAddress(
        street=normalising.text(address.street, 80),
        house_number=f"{digits} {addition}".strip()[:24],
        postcode=postcode,
        city=normalising.text(address.city, 60),
        country=address.country,
    )
