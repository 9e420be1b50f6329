"""Figures as people read them, in the language of the page: € 1.234,50, 21,8%, 13 nov 09:14."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info, pgettext

from apps.core.money import plain

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_DUTCH_POSTCODE = re.compile(r"^([1-9]\d{3})([A-Z]{2})\b")
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def _grouped(value: Decimal, places: int) -> str:
    """Digits with the language's separators, the sign as U+2212. Rounds half-up."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = formats.number_format(abs(rounded), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{MINUS}{digits}" if rounded < 0 else str(digits)


def money(amount: Decimal | int | str | None, currency: str, places: int | None = None) -> str:
    """An amount with its currency, the sign first: −€ 3.105,40 (Dutch), −€3,105.40 (English).

    Two decimals, or up to four where a unit price has them; `places` rounds instead, for a headline whose receipt is
    exact. A currency without a symbol goes by its code. None is "".
    """
    if amount is None:
        return ""
    value = Decimal(amount)
    if places is None:
        places = min(4, max(2, len(plain(value).partition(".")[2])))
    text = _grouped(value, places)
    sign, digits = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    symbol = SYMBOLS.get(currency, currency)
    gap = NO_BREAK if len(symbol) > 1 or get_language() != "en" else ""
    return f"{sign}{symbol}{gap}{digits}"


def amount(value: Decimal | int | str | None, places: int = 2) -> str:
    """An amount without its currency, for a column whose head names it."""
    return "" if value is None else _grouped(Decimal(value), places)


def quantity(value: Decimal | int | str | None) -> str:
    """A quantity without trailing zeros: 3, 1,25, −2."""
    if value is None:
        return ""
    number = Decimal(value)
    return _grouped(number, len(plain(number).partition(".")[2]))


def percent(part: Decimal | float | int | None) -> str:
    """A share as a percentage with one decimal: 0.218 is 21,8%."""
    return "" if part is None else _grouped(Decimal(str(part)) * 100, 1) + "%"


def dated(value: dt.datetime | dt.date, pattern: str) -> str:
    """A date by a pattern of Django's, with short months as the reader's language writes them: 21 nov, 21 Nov."""
    own = pattern if get_language() == "en" else pattern.replace("M", "b")  # only English gives its months a capital
    return str(formats.date_format(value, own))


def when(value: dt.datetime | dt.date | None) -> str:
    """A moment or day in a table: 13 nov 09:14, vr 20 nov; with the year when it is not this one."""
    if value is None:
        return ""
    moment = isinstance(value, dt.datetime)
    local = timezone.localtime(value) if isinstance(value, dt.datetime) else value
    if local.year == timezone.localdate().year:
        pattern = "j M H:i" if moment else "D j M"
    else:
        pattern = "j M Y H:i" if moment else "j M Y"
    return dated(local, pattern).replace(" ", NO_BREAK)


def day(value: dt.datetime | dt.date | None) -> str:
    """A day in full: zaterdag 21 november 2026."""
    if value is None:
        return ""
    local = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return str(formats.date_format(local, "l j F Y"))


def clock(value: dt.datetime | None) -> str:
    """The time of day: 14:05."""
    return "" if value is None else f"{timezone.localtime(value):%H:%M}"


def language(code: str) -> str:
    """A language by its code, in the language of the page: Nederlands, Dutch. One that nobody knows goes by its code."""
    try:
        return capfirst(str(get_language_info(code)["name_translated"]))
    except KeyError:
        return code


def postcode(value: str) -> str:
    """A postcode as it is written, alone or before its place; the Dutch one with its space: 6711 AB Ede."""
    return _DUTCH_POSTCODE.sub(rf"\1{NO_BREAK}\2", value)


def duration(value: dt.timedelta | None) -> str:
    """How long, in its two largest units: 3 d 21 u, 2 u 45, 12 min."""
    if value is None:
        return ""
    minutes = int(value.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        text = pgettext("duration in days and hours", "%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    elif hours:
        text = pgettext("duration in hours and minutes", "%(hours)s h %(minutes)s") % {
            "hours": hours,
            "minutes": f"{minutes:02d}",
        }
    else:
        text = pgettext("duration in minutes", "%(minutes)s min") % {"minutes": minutes}
    return text.replace(" ", NO_BREAK)
