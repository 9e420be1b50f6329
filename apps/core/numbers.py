"""Document numbers: opaque, unique, with a check digit, and easy to say on the phone.

A number is a letter that tells the kind, ten digits, and a Luhn check digit: `T48101273642`. The digits are a
permutation of a database sequence, so a block of numbers costs one round trip, two never meet, and a reader cannot see
how many orders there were yesterday. It is not a secret: knowing a number opens nothing.
"""

import os
import secrets
from collections import deque

from django.db import connection
from stdnum import luhn

SEQUENCE = "core_document_number"
_MODULUS = 10**10
_MULTIPLIER = 6_180_339_887  # odd and not divisible by 5: coprime with the modulus, hence a permutation
_OFFSET = 2_718_281_828

ORDER = "T"
RETURN = "R"
CASE = "Z"
STOCK_DOCUMENT = "V"
TRANSFER = "X"
COUNT = "C"
PURCHASE_NOTICE = "L"
RECALL = "Q"
PARCEL = "P"
PRIVACY_REQUEST = "G"
KINDS = frozenset(
    {ORDER, RETURN, CASE, STOCK_DOCUMENT, TRANSFER, COUNT, PURCHASE_NOTICE, RECALL, PARCEL, PRIVACY_REQUEST}
)

# No characters that are mistaken for each other when read aloud or from a small screen.
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# What this process has drawn and not used yet. One that ends leaves a gap, which nobody can see.
_AT_ONCE = 12
_spare: deque[int] = deque()
os.register_at_fork(after_in_child=_spare.clear)


def next_number(kind: str) -> str:
    """A new number of a kind; most cost no round trip."""
    try:
        n = _spare.popleft()
    except IndexError:
        n, *rest = _draw(_AT_ONCE)
        _spare.extend(rest)
    return _format(kind, n)


def next_numbers(kind: str, count: int) -> list[str]:
    """Draw `count` new numbers of a kind in one round trip."""
    return [_format(kind, n) for n in _draw(count)]


def _draw(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{SEQUENCE}') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def _format(kind: str, n: int) -> str:
    digits = f"{(n * _MULTIPLIER + _OFFSET) % _MODULUS:010d}"
    return f"{kind}{digits}{luhn.calc_check_digit(digits)}"


def is_number(text: str, kind: str | None = None) -> bool:
    """Whether a text is a well-formed document number (of the given kind); a typing error fails the check digit."""
    letter, digits = text[:1], text[1:]
    if letter not in (KINDS if kind is None else {kind}) or len(digits) != 11 or not digits.isdigit():
        return False
    return luhn.is_valid(digits)


_CODE_LENGTH = 8


def new_code() -> str:
    """A random code that a customer shows at the counter: unguessable, unlike a number."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))


def has_form_of_code(text: str) -> bool:
    """Whether a text may be such a code; most words of eight letters are not, for they have vowels."""
    return len(text) == _CODE_LENGTH and set(text) <= set(_CODE_ALPHABET)
