"""What a customer said about mail while ordering: consent, or a purchase that lets us write until they object.

The law lets a shop write about its own similar goods to whoever bought from it, where they left their address with the
purchase, were told, and could object then and there (soft opt-in; Telecommunicatiewet, article 11.7, paragraph 3).
"""

import datetime as dt
from collections.abc import Iterable

from apps.customers.services.consenting import record_consent, record_soft_opt_in, take_back_soft_opt_in
from apps.orders.models import Order, OrderStatus
from apps.orders.services.types import SaidAtOrder


def write_down_consents(
    said: Iterable[SaidAtOrder], *, source_record_id: int, number: str, channel_code: str, at: dt.datetime
) -> None:
    """Write down what was said with an order, in the transaction that places it: a repeat of the order says nothing again.

    An objection is a word of the customer and counts from then on; a purchase never overrules such a word.
    """
    for one in said:
        if one.by_purchase and one.given:
            record_soft_opt_in(
                source_record_id=source_record_id,
                purpose=one.purpose,
                order_number=number,
                text_version=one.text_version,
                proof=channel_code,
                at=at,
                locale=one.locale,
            )
        else:
            record_consent(
                source_record_id=source_record_id,
                purpose=one.purpose,
                given=one.given,
                text_version=one.text_version,
                proof=f"{channel_code}, {number}",
                occurred_at=at,
                locale=one.locale,
            )


def take_back_consents(order: Order) -> None:
    """An order of which nothing was ever paid, and nothing is left, was no purchase: it does not let us write."""
    if order.status == OrderStatus.CANCELLED and not order.payment_account.captured and order.source_record_id:
        take_back_soft_opt_in(
            source_record_id=order.source_record_id,
            order_number=order.number,
            proof=f"{order.channel.code}, {order.number}",
        )
