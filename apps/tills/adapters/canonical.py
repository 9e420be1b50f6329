"""Tickets in the API's own shape: read strictly, or told exactly what is wrong with them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _
from rest_framework.exceptions import ValidationError

from apps.core.idempotency.service import fingerprint_of
from apps.core.inbox.documents import Defect, Flaw
from apps.core.money import ZERO, line_amount, vat_in
from apps.customers.services.digests import payment_token
from apps.customers.services.people import Person
from apps.tills.serializers import MOST_OF_A_TOKEN, TicketSerializer
from apps.tills.tickets import CanonicalTicket, LineType, TicketLine, TicketTender

SOURCE = "tills"

_CORRECT_IT = _("Correct it in the till system and send the ticket again.")
_TOO_LARGE = Flaw("max_value", _("%(field)s is %(value)s, which is too large to be true."), _CORRECT_IT)
# By the code that the serializer's fields give.
_FLAWS = {
    "max_value": _TOO_LARGE,
    "max_digits": _TOO_LARGE,
    "max_whole_digits": _TOO_LARGE,
} | {
    flaw.code: flaw
    for flaw in (
        Flaw("required", _("%(field)s is missing."), _CORRECT_IT),
        Flaw("null", _("%(field)s is empty."), _CORRECT_IT),
        Flaw("blank", _("%(field)s is empty."), _CORRECT_IT),
        Flaw("empty", _("%(field)s is empty."), _CORRECT_IT),
        Flaw("invalid", _("%(field)s cannot be read: “%(value)s”."), _CORRECT_IT),
        Flaw("invalid_choice", _("%(field)s cannot be “%(value)s”."), _CORRECT_IT),
        Flaw("not_a_list", _("%(field)s is no list."), _CORRECT_IT),
        Flaw("min_value", _("%(field)s is %(value)s, which is too small."), _CORRECT_IT),
        Flaw("max_decimal_places", _("%(field)s is %(value)s, finer than can be kept."), _CORRECT_IT),
        Flaw("max_length", _("%(field)s is too long."), _CORRECT_IT),
        Flaw("min_length", _("%(field)s is too short: “%(value)s”."), _CORRECT_IT),
        Flaw("out_of_range", _("%(field)s is %(value)s, which is not between 2000 and now."), _CORRECT_IT),
    )
}
_OTHER = Flaw("invalid", "%(detail)s", _CORRECT_IT)
NOT_A_TICKET = Flaw("not_a_ticket", _("This is no ticket but something else (%(value)s)."), _CORRECT_IT)
NULL_BYTE = Flaw("null_byte", _("The ticket holds a null character, which no text can keep."), _CORRECT_IT)


def without_payment_cards(raws: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """Tickets without what payment cards are known by, and the digest of each; blank for none, or what cannot be one.

    Taken out at the door, so that it is kept neither with the ticket as it came nor with what is wrong with it.
    """
    taken = [_without_payment_card(raw) for raw in raws]
    return [raw for raw, _digest in taken], [digest for _raw, digest in taken]


def _without_payment_card(raw: Any) -> tuple[Any, str]:
    customer = raw.get("customer") if isinstance(raw, dict) else None
    if not isinstance(customer, dict) or "payment_token" not in customer:
        return raw, ""
    token = customer["payment_token"]
    left = raw | {"customer": {key: value for key, value in customer.items() if key != "payment_token"}}
    return left, payment_token(token.strip()) if isinstance(token, str) and len(token) <= MOST_OF_A_TOKEN else ""


def read_tickets(raws: Sequence[Any]) -> list[CanonicalTicket | Defect]:
    """Read tickets as they came over the wire, each by itself; never raises."""
    reader = TicketSerializer()  # made once: setting up its fields costs more than reading a ticket
    return [_read(raw, reader) for raw in raws]


def _read(raw: Any, reader: TicketSerializer) -> CanonicalTicket | Defect:
    if not isinstance(raw, dict):
        return Defect(NOT_A_TICKET, raw=None, value=type(raw).__name__)
    if holds_null_byte(raw):
        return Defect(NULL_BYTE, raw=None)
    try:
        return _ticket(reader.run_validation(raw))
    except ValidationError as error:
        return _defect(error.detail, raw)


def holds_null_byte(raw: Any) -> bool:
    """Whether a null character hides anywhere in a document; the database can keep none."""
    return b"\\u0000" in orjson.dumps(raw)


def _ticket(data: Mapping[str, Any]) -> CanonicalTicket:
    lines = tuple(_line(n, line) for n, line in enumerate(data["lines"], start=1))
    paid = sum((t["amount"] for t in data["tenders"]), ZERO)
    # A ticket that only takes back can only have paid out, whatever sign the till gives it.
    sign = -1 if paid > 0 and all(line.type == LineType.RETURN for line in lines) else 1
    tenders = tuple(TicketTender(t["method"], sign * t["amount"], t["reference"] or "") for t in data["tenders"])
    return CanonicalTicket(
        store=data["store"],
        till=data["till"],
        sequence=data["sequence"],
        business_date=data["business_date"],
        occurred_at=data["occurred_at"],
        operator=data["operator"] or "",
        currency=data["currency"].upper(),
        customer=_person(data["customer"]),
        rounding=data["rounding"],
        lines=lines,
        tenders=tenders,
        fingerprint=fingerprint_of(_said(data)),
        receipt_to=_receipt_to(data["customer"]),
    )


def _said(data: Any) -> Any:
    """A document without what it leaves open, so that a field added to the contract later changes no fingerprint."""
    if isinstance(data, Mapping):
        return {key: said for key, value in data.items() if (said := _said(value)) not in (None, "", [], {})}
    return [_said(value) for value in data] if isinstance(data, list) else data


def _line(number: int, data: Mapping[str, Any]) -> TicketLine:
    quantity, kind = data["quantity"], LineType(data["type"])
    amount, unit_price = data["amount"], data["unit_price"]
    if amount is None:
        amount = line_amount(unit_price=unit_price or ZERO, quantity=quantity, discount=data["discount"])
    if kind == LineType.RETURN:
        amount = abs(amount)  # some tills write what they give back with a minus, the type says it already
    if unit_price is None:
        unit_price = ((amount + data["discount"]) / quantity).quantize(Decimal("0.0001"))
    vat_amount = data["vat_amount"]
    return TicketLine(
        line=number,
        type=kind,
        sku=data["sku"] or "",
        gtin=data["gtin"] or "",
        quantity=quantity,
        unit_price=unit_price,
        discount=data["discount"],
        amount=amount,
        vat_rate=data["vat_rate"],
        vat_amount=abs(vat_amount) if vat_amount is not None else vat_in(amount, data["vat_rate"]),
        order=data["order"] or "",
        order_line=data["order_line"],
        associate=data["associate"] or "",
        description=data["description"] or "",
    )


def _person(data: Mapping[str, Any] | None) -> Person | None:
    if data is None:
        return None
    told: dict[str, Any] = {key: value or "" for key, value in data.items() if key not in ("address", "receipt")}
    address: dict[str, Any] = {key: value or "" for key, value in (data["address"] or {}).items()}
    return Person(source=SOURCE, **told, **address)


def _receipt_to(customer: Mapping[str, Any] | None) -> str:
    return (customer["email"] or "") if customer is not None and customer["receipt"] else ""


def _defect(errors: Any, raw: dict[str, Any]) -> Defect:
    """The first error, by its path, in words that can be translated later."""
    path, error = _first(errors)
    value = _at(raw, path)
    shown = "" if isinstance(value, dict | list) or value is None else str(value)
    flaw = _FLAWS.get(error.code, _OTHER)
    return Defect(
        flaw,
        raw=value if path else None,
        field=".".join(str(step) for step in path),
        value=shown[:200],
        params={"detail": str(error)},
    )


def _first(errors: Any, path: tuple[str | int, ...] = ()) -> tuple[tuple[str | int, ...], Any]:
    """Depth first: the path to the first error and the error itself."""
    if isinstance(errors, dict):
        key, inner = next((k, v) for k, v in errors.items() if v)
        step = () if key == "non_field_errors" else (key,)
        return _first(inner, (*path, *step))
    if isinstance(errors, list):
        n, inner = next((n, v) for n, v in enumerate(errors) if v)
        return _first(inner, (*path, n) if isinstance(inner, dict) else path)
    return path, errors


def _at(raw: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return None
    return raw
