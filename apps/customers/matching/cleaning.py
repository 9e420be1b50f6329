"""One form for every value that is compared. Nothing is refused: what says nothing gives an empty text.

Each function works on one value; a table applies it to each *distinct* value once, so that a million records with the
same ten thousand surnames cost ten thousand calls.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

_NOTHING = {
    *(
        "unknown",
        "onbekend",
        "n/a",
        "na",
        "nvt",
        "n.v.t.",
        "none",
        "null",
        "nan",
        "nil",
        "-",
        "--",
        "?",
        "x",
        "xx",
        "xxx",
    ),
    *("leeg", "geen", "niet bekend", "not known", "test"),
}
_WORD = re.compile(r"[a-z0-9]+")
_DIGITS = re.compile(r"\d+")

# Longest first, so that "van der" is not read as "van" with a name "der …".
_INFIXES = [
    *(
        "van de der",
        "over de",
        "voor in t",
        "aan den",
        "aan der",
        "aan de",
        "aan het",
        "aan t",
        "bij de",
        "bij den",
        "bij t",
    ),
    *(
        "in den",
        "in der",
        "in de",
        "in het",
        "in t",
        "onder de",
        "op den",
        "op der",
        "op de",
        "op het",
        "op t",
        "op ten",
    ),
    *(
        "uit den",
        "uit de",
        "uit het",
        "uit t",
        "van den",
        "van der",
        "van de",
        "van het",
        "van t",
        "van ter",
        "von der",
    ),
    *(
        "von dem",
        "voor den",
        "voor de",
        "von",
        "van",
        "vd",
        "v d",
        "v",
        "vande",
        "vander",
        "vanden",
        "den",
        "der",
        "des",
    ),
    *("de la", "de le", "de las", "de los", "del", "della", "di", "da", "dos", "do", "du", "de", "d", "het", "t", "te"),
    *("ten", "ter", "tot", "thoe", "zu", "zum", "zur", "af", "al", "el", "bin", "ben", "la", "le", "st"),
]
_INFIX = re.compile(r"(?:" + "|".join(sorted(_INFIXES, key=len, reverse=True)) + r") (?=\S{2})")
_GLUED = re.compile(r"v(?:an|on)?d(?:e[nr]|e)(?=[a-z]{4})")
_TITLES = {
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "drs",
    "ir",
    "ing",
    "prof",
    "dhr",
    "mevr",
    "mw",
    "de heer",
    "mevrouw",
    "sir",
    "rev",
    "jr",
    "sr",
}


_again = lru_cache(maxsize=1 << 14)
"""Names and streets recur: whoever arrives is held against people most of whose words were cleaned a moment ago."""


@_again
def plain(value: str) -> str:
    """Lower case, without accents, punctuation as spaces: `Jérôme-Ïsa` is `jerome isa`."""
    low = value.strip().lower()
    if low in _NOTHING:
        return ""
    if not low.isascii():
        low = low.replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l")
        low = "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(low))


@_again
def letters(value: str) -> str:
    """As `plain`, digits left out as well: names have none."""
    return " ".join("".join(c for c in word if c.isalpha()) for word in plain(value).split()).strip()


@_again
def given_name(value: str) -> str:
    """The given name when it is written in full: `Jan-Pieter A.` is `jan pieter`; `J.P.` is nothing."""
    words = [word for word in letters(value).split() if word not in _TITLES]
    if len(words) == 1 and "." in value.strip().rstrip(".") and len(words[0]) < 5:
        return ""
    full = [word for word in words if len(word) > 1 and not (len(word) <= 4 and _looks_like_initials(value, word))]
    return " ".join(full)


def _looks_like_initials(value: str, word: str) -> bool:
    """`JP` in capitals without a vowel, as somebody types initials without points."""
    return word.upper() in value and value.isupper() is True and not set(word) & set("aeiouy") and len(word) <= 3


@_again
def initials(value: str) -> str:
    """First letters, of a given name or of initials: `Jan Pieter`, `J.P.` and `jp.` with points are `jp`."""
    words = [word for word in letters(value.replace(".", ". ")).split() if word not in _TITLES]
    if len(words) == 1 and _looks_like_initials(value, words[0]):
        return words[0]
    return "".join(word[0] for word in words)[:6]


def initials_alone(value: str) -> str:
    """What stands in a column of initials: `J.P.`, `J P` and `JP` are `jp`; a whole name gives its first letter."""
    words = letters(value.replace(".", ". ")).split()
    if len(words) == 1 and 1 < len(words[0]) <= 5 and value.strip().isupper():
        return words[0]
    return "".join(word[0] for word in words)[:6]


@_again
def surname(value: str) -> str:
    """The name without its tussenvoegsel, wherever that stands: `v.d. Berg`, `Berg, van den`, `Vandenberg` are `berg`."""
    if "," in value:
        head, _, tail = value.partition(",")
        match = _INFIX.match(letters(tail.replace(".", " ")) + " xx")
        if match and match.end() == len(letters(tail.replace(".", " "))) + 1:
            value = head
    name = letters(value.replace("'", "").replace("’", "").replace(".", " ")).replace("ij", "y")
    parts = []
    for part in re.split(r"\s+(?:e v|ev|geb|born|nee)\s+", name):
        while (match := _INFIX.match(part)) and match.end() < len(part):
            part = part[match.end() :]
        if glue := _GLUED.match(part):
            part = part[glue.end() :]
        parts.append(part)
    words = [word for word in " ".join(parts).split() if word not in {"jr", "sr"}]
    kept = [word for n, word in enumerate(words) if n == 0 or f"{word}" not in _SMALL]
    return " ".join(kept)


_SMALL = {word for infix in _INFIXES for word in infix.split()} - {"al", "el", "ben", "bin", "do", "st", "la", "le"}


def email(value: str) -> str:
    address = value.strip().lower()
    name, at, domain = address.rpartition("@")
    return address if at and name and "." in domain and " " not in address else ""


def name_in_email(address: str, initials: str, surname: str, names: Mapping[str, str]) -> str:
    """The given name in an e-mail address, when it has the initial: `jan.smit@`, `jan74@` and `jansmit@` of J. Smit.

    `names` are the given names there are, by their spelling with y for ij.
    """
    words = _LETTERS.findall(address.split("@")[0].split("+")[0].replace("ij", "y"))
    family = surname.replace(" ", "")
    for word in words:
        if word in names and word != family and word[0] == initials[0]:
            return names[word]
    glued = "".join(words)
    if len(family) > 1 and glued.endswith(family) and glued[:1] == initials[0]:
        before = glued[: -len(family)]
        for end in range(len(before), 1, -1):
            if before[:end] in names and before[end:] in _GLUED_INFIXES:
                return names[before[:end]]
    return ""


def only_a_name(address: str, given: str, initials: str, surname: str) -> bool:
    """Whether an e-mail address without digits says no more than a name, as `j.smit@`, `jan.smit@`, `jan@` and `fam.smit@`."""
    words = "".join(_LETTERS.findall(address.split("@")[0].split("+")[0].replace("ij", "y")))
    first, family = given.replace(" ", "").replace("ij", "y"), surname.replace(" ", "")
    if words and words == first:
        return True
    if len(family) < 2 or not words.endswith(family):
        return False
    before = words[: -len(family)]
    starts = {"", "fam", "familie", *initials[:1], initials, first, given.split(" ")[0].replace("ij", "y")}
    return len(before) == 1 or any(
        before.startswith(start) and before[len(start) :] in _GLUED_INFIXES for start in starts
    )


_LETTERS = re.compile("[a-z]+")
_GLUED_INFIXES = {"", *(infix.replace(" ", "") for infix in _INFIXES)}


def phone(value: str) -> str:
    """The last nine digits, in which +31 6…, 0031 6… and 06… are the same; too short or all the same digit is nothing.

    The nought in front goes by itself, so that a number with a digit left out is not shifted as well.
    """
    digits = (value if value.isdecimal() else "".join(_DIGITS.findall(value))).lstrip("0")
    if digits.startswith("31") and len(digits) > 9:
        digits = digits[2:].lstrip("0")
    last = digits[-9:]
    return last if len(last) >= 6 and last.count(last[0]) < len(last) else ""


def postcode(value: str) -> str:
    low = value.strip().lower()
    glued = low.replace(" ", "")
    if not (glued.isascii() and glued.isalnum()):  # few: what is left of them is looked for letter by letter
        glued = plain(low).replace(" ", "")
    return glued.upper()[:10] if low not in _NOTHING else ""


@_again
def house_number(value: str) -> str:
    """Number and addition: `12-bis`, `12 BIS` are `12 bis`; a text without digits is nothing."""
    match = re.match(r"\D*?0*(\d{1,6})(.*)", value.strip().lower())
    return f"{match[1]} {''.join(_WORD.findall(match[2]))[:6]}".strip() if match and match[1] != "0" else ""


@_again
def street(value: str) -> str:
    """The name of a street in one spelling, without a house number."""
    name = " ".join("".join(c for c in word if c.isalpha()) for word in plain(value).split() if not word[0].isdigit())
    name = " ".join(name.split())
    if name.endswith("str"):
        name += "aat"
    return name.replace("ij", "y").replace("burgemeester", "burg").replace("doctor ", "dr ").replace("sint ", "st ")


def number_in_street(value: str) -> str:
    """The house number somebody typed behind the street: `Dorpsstraat 12a` has `12 a`."""
    match = re.search(r"\s0*(\d{1,5})\s*[-/ ]?\s*([a-zA-Z]{0,4}|\d{0,3})\s*$", value)
    return f"{match[1]} {match[2].lower()}".strip() if match else ""


class Dates:
    """Reads the dates of one column, whose order of day and month is guessed from all its values together.

    A date is eight digits, year month day, also when no calendar has it: a typing error is still comparable.
    A bare year is four digits. Nothing that can be read is an empty text.
    """

    _MONTHS = {
        name: number
        for number, names in enumerate(
            ("jan", "feb", "mar maa mrt", "apr", "may mei", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec"), 1
        )
        for name in names.split()
    }

    def __init__(self, values: Iterable[str] = (), *, month_first: bool | None = None) -> None:
        if month_first is None:
            firsts, seconds = 0, 0
            for value in values:
                parts = _DIGITS.findall(value[:10])
                if len(parts) >= 2 and len(parts[0]) <= 2:
                    firsts += int(parts[0]) > 12
                    seconds += int(parts[1]) > 12
            month_first = seconds > firsts
        self.month_first = month_first

    def read(self, value: str) -> str:
        text = value.strip()
        if not text:
            return ""
        if "T" in text[8:12] or (" " in text[8:] and ":" in text):
            text = re.split(r"[T ](?=\d\d:)", text)[0]
        if text.endswith(".0"):
            text = text[:-2]
        parts = _DIGITS.findall(text)
        if len(parts) == 1 and len(parts[0]) >= 6:
            return self._run_of_digits(parts[0])
        if (
            len(parts) == 2
            and (named := re.search(r"[a-z]{3}", text.lower()))
            and (month := self._MONTHS.get(named[0]))
        ):
            day, year = (parts[0], parts[1]) if len(parts[1]) == 4 else (parts[1], parts[0])
            return self._put(year, str(month), day)
        if len(parts) == 3:
            a, b, c = parts
            if len(a) == 4:
                return self._put(a, b, c)
            day, month_ = (b, a) if self.month_first else (a, b)
            return self._put(c, month_, day)
        if len(parts) == 1 and len(parts[0]) == 4:
            return parts[0] if parts[0] not in {"0000", "9999", "1900"} else ""
        return ""

    def _run_of_digits(self, digits: str) -> str:
        if len(digits) == 8:
            if digits[:2] in {"16", "17", "18", "19", "20"} or int(digits[4:]) > 2100 or int(digits[4:]) < 1600:
                return self._put(digits[:4], digits[4:6], digits[6:])
            return self._put(digits[4:], digits[2:4], digits[:2])
        return ""

    def _put(self, year: str, month: str, day: str) -> str:
        if len(year) == 2:
            year = ("20" if int(year) <= 26 else "19") + year
        if len(year) != 4 or len(month) > 2 or len(day) > 2:
            return ""
        whole = f"{year}{int(month):02}{int(day):02}"
        if whole[4:] == "0000":
            return year if int(year) else ""
        return "" if whole in {"19000101", "99991231", "11111111"} or not int(year) else whole


@_again
def sound(name: str) -> str:
    """How a name sounds, roughly, in Dutch and English: first letter and up to five consonants in one spelling."""
    text = name.replace(" ", "")
    for was, is_ in _SPELLINGS:
        text = text.replace(was, is_)
    folded = text.translate(_SAME_SOUND)
    kept = [folded[:1] if folded[:1] not in "aeiouyh" else "a"]
    for letter in folded[1:]:
        if letter not in "aeiouyhw" and letter != kept[-1]:
            kept.append(letter)
    return "".join(kept)[:6]


_SPELLINGS = (
    *(("sch", "s"), ("ch", "g"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("dt", "t"), ("qu", "k"), ("x", "ks")),
    ("gh", "g"),
)
_SAME_SOUND = str.maketrans("cqzdvb", "kkstfp")


def year_only(dates: Iterable[tuple[str, int]]) -> bool:
    """Whether 1 January stands for "that year" in a column: far more often than chance has it."""
    firsts: Counter[bool] = Counter()
    for value, times in dates:
        if len(value) == 8:
            firsts[value.endswith("0101")] += times
    return firsts[True] > 20 and firsts[True] > 0.02 * firsts.total()
