"""Keyed digests of what is personal, so that it can be compared without being kept.

The key stands outside the database. It must outlive the installation's secret key: with another one no household, payment
token or meeting is found again.
"""

import hashlib
import hmac
import uuid
from functools import lru_cache

from django.conf import settings


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.IDENTITY_KEY.encode(), f"toonbank.customers.{purpose}".encode(), "sha256")


def household_secret() -> bytes:
    """What the digest of an address begins with, for the statement that makes them in bulk too."""
    return _key("household")


def household_key(*, country: str, postcode: str, house_number: str, suffix: str) -> uuid.UUID | None:
    """The key of the household at an address in normal form; None where postcode or number is missing."""
    if not (postcode and house_number):
        return None
    address = "|".join(("NL" if country in ("", "NL") else country, postcode, house_number, suffix))
    return uuid.UUID(bytes=hashlib.sha256(household_secret() + address.encode()).digest()[:16])


def organisation_key(*, kvk: str, vat: str) -> uuid.UUID | None:
    """The key of the organisation with a KvK number, or with a VAT number where that is all there is."""
    number = f"kvk:{kvk}" if kvk else f"vat:{vat}" if vat else ""
    return uuid.UUID(bytes=hmac.digest(_key("organisation"), number.encode(), "sha256")[:16]) if number else None


def meeting_id(kind: str, value: str, source: str) -> int:
    """A proof as a number of 63 bits: where two transactions that bring it meet."""
    digest = hmac.digest(_key("meeting"), f"{kind}|{value}|{source}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def erased_sign(kind: str, value: str, within: str = "") -> uuid.UUID:
    """What is kept of something that a forgotten person was known by, to know it again in an import."""
    digest = hmac.digest(_key("erased"), f"{kind}|{value}|{within}".encode(), "sha256")
    return uuid.UUID(bytes=digest[:16])


def payment_token(reference: str) -> str:
    """The digest under which a payment card is known, of the reference that its scheme gave (PAR or token)."""
    return hmac.new(_key("payment_token"), reference.encode(), "sha256").hexdigest() if reference else ""


@lru_cache(maxsize=1)
def block_secret() -> bytes:
    """What the keys of blocks are made with, by which records that are alike in something are found."""
    return _key("block")
