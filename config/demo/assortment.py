"""What Moswijk sells: some forty kinds of things, each in series named after places by the water."""

import random
from dataclasses import dataclass
from decimal import Decimal

from apps.catalogue.models import VatClass
from apps.catalogue.services.maintaining import NewProduct, NewVariant
from apps.core.codes.gtins import with_check_digit
from config.demo.names import listed

CATEGORIES = {
    "wonen": ("Wonen", ""),
    "textiel": ("Woontextiel", "wonen"),
    "licht": ("Verlichting", "wonen"),
    "meubels": ("Kleine meubels", "wonen"),
    "sfeer": ("Sfeer", "wonen"),
    "tafelen": ("Koken en tafelen", ""),
    "glas": ("Glaswerk", "tafelen"),
    "servies": ("Servies", "tafelen"),
    "keuken": ("Keuken", "tafelen"),
    "slapen": ("Bed en bad", ""),
    "bed": ("Beddengoed", "slapen"),
    "bad": ("Badtextiel", "slapen"),
    "opbergen": ("Opbergen", ""),
    "buiten": ("Tuin en balkon", ""),
    "proeven": ("Thee, koffie en lekkers", ""),
    "lezen": ("Boeken en kaarten", ""),
}

_COLOURS = ("oker", "zand", "mosgroen", "oudroze", "leisteen", "room", "inktblauw", "terracotta", "antraciet", "salie")
_SIZES = {
    "plaid": ("130×180", "160×230"),
    "kussen": ("45×45", "50×70"),
    "kleed": ("160×230", "200×290"),
    "dekbed": ("140×220", "200×220", "240×220"),
    "laken": ("90×200", "140×200", "180×200"),
    "handdoek": ("50×100", "70×140"),
    "kleding": ("S", "M", "L"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of thing: its code, names, category, lowest and highest price, and what its variants differ in."""

    code: str
    dutch: str
    english: str
    category: str
    cheapest: int
    dearest: int
    differs: str = ""
    colours: int = 0
    vat: str = VatClass.STANDARD


REDUCED = VatClass.REDUCED

FAMILIES = (
    Family("PL", "Plaid", "Throw", "textiel", 29, 79, "plaid", 3),
    Family("KU", "Kussen", "Cushion", "textiel", 12, 35, "kussen", 3),
    Family("GO", "Gordijn", "Curtain", "textiel", 39, 99, "", 4),
    Family("VL", "Vloerkleed", "Rug", "textiel", 89, 349, "kleed", 2),
    Family("TK", "Tafelkleed", "Tablecloth", "textiel", 19, 49, "", 3),
    Family("KT", "Keukendoek", "Kitchen towel", "textiel", 5, 12, "", 4),
    Family("HL", "Hanglamp", "Pendant lamp", "licht", 49, 189, "", 2),
    Family("TL", "Tafellamp", "Table lamp", "licht", 29, 119, "", 2),
    Family("VR", "Vloerlamp", "Floor lamp", "licht", 79, 249),
    Family("WL", "Windlicht", "Lantern", "sfeer", 8, 34, "", 2),
    Family("KA", "Geurkaars", "Scented candle", "sfeer", 7, 24, "", 3),
    Family("GS", "Geurstokjes", "Reed diffuser", "sfeer", 12, 29, "", 2),
    Family("VA", "Vaas", "Vase", "sfeer", 12, 69, "", 3),
    Family("SP", "Spiegel", "Mirror", "sfeer", 29, 159),
    Family("KL", "Wandklok", "Wall clock", "sfeer", 24, 79),
    Family("FL", "Fotolijst", "Photo frame", "sfeer", 6, 29, "", 2),
    Family("BT", "Bijzettafel", "Side table", "meubels", 49, 179, "", 2),
    Family("KK", "Krukje", "Stool", "meubels", 35, 99, "", 2),
    Family("WR", "Wandrek", "Wall shelf", "meubels", 29, 129),
    Family("KR", "Karaf", "Carafe", "glas", 12, 39),
    Family("WG", "Wijnglas", "Wine glass", "glas", 5, 16),
    Family("TG", "Theeglas", "Tea glass", "glas", 3, 9, "", 2),
    Family("BO", "Bord", "Plate", "servies", 5, 18, "", 4),
    Family("KM", "Kom", "Bowl", "servies", 4, 16, "", 4),
    Family("MO", "Mok", "Mug", "servies", 5, 15, "", 4),
    Family("TP", "Theepot", "Teapot", "servies", 19, 59, "", 2),
    Family("BE", "Bestekset", "Cutlery set", "servies", 29, 99),
    Family("PN", "Braadpan", "Casserole", "keuken", 39, 159, "", 2),
    Family("SN", "Snijplank", "Chopping board", "keuken", 12, 49),
    Family("ME", "Keukenmes", "Kitchen knife", "keuken", 15, 79),
    Family("OV", "Ovenschaal", "Oven dish", "keuken", 15, 45, "", 2),
    Family("DO", "Dekbedovertrek", "Duvet cover", "bed", 39, 119, "dekbed", 2),
    Family("HO", "Hoeslaken", "Fitted sheet", "bed", 15, 45, "laken", 2),
    Family("HK", "Hoofdkussen", "Pillow", "bed", 19, 69),
    Family("HD", "Handdoek", "Towel", "bad", 6, 22, "handdoek", 3),
    Family("BM", "Badmat", "Bath mat", "bad", 12, 35, "", 3),
    Family("BJ", "Badjas", "Bathrobe", "bad", 35, 79, "kleding", 2),
    Family("MA", "Mand", "Basket", "opbergen", 12, 49, "", 2),
    Family("KI", "Opbergkist", "Storage box", "opbergen", 15, 59, "", 2),
    Family("VP", "Voorraadpot", "Storage jar", "opbergen", 5, 22),
    Family("BP", "Bloempot", "Plant pot", "buiten", 6, 49, "", 3),
    Family("TB", "Tuinbank", "Garden bench", "buiten", 129, 349),
    Family("BK", "Buitenkussen", "Outdoor cushion", "buiten", 15, 45, "", 3),
    Family("TE", "Thee", "Tea", "proeven", 4, 12, vat=REDUCED),
    Family("KO", "Koffie", "Coffee", "proeven", 6, 15, vat=REDUCED),
    Family("CH", "Chocolade", "Chocolate", "proeven", 3, 14, vat=REDUCED),
    Family("KB", "Kookboek", "Cookbook", "lezen", 15, 39, vat=REDUCED),
    Family("WK", "Wenskaartenset", "Greeting cards", "lezen", 5, 12),
)

SERIES = listed("series")

_MATERIALS = {
    "textiel": ("wol", "wool"),
    "licht": ("metaal en linnen", "metal and linen"),
    "sfeer": ("keramiek", "ceramics"),
    "meubels": ("eikenhout", "oak"),
    "glas": ("mondgeblazen glas", "mouth-blown glass"),
    "servies": ("aardewerk", "stoneware"),
    "keuken": ("gietijzer en hout", "cast iron and wood"),
    "bed": ("katoen", "cotton"),
    "bad": ("biologisch katoen", "organic cotton"),
    "opbergen": ("gevlochten riet", "woven rattan"),
    "buiten": ("weerbestendig materiaal", "weatherproof material"),
    "proeven": ("eerlijke herkomst", "fair origin"),
    "lezen": ("gerecycled papier", "recycled paper"),
}

_COMPANY_PREFIX = "952"  # what GS1 keeps for demonstrations: no article in any shop has such a code


@dataclass(frozen=True, slots=True)
class Article:
    """A product to be, and what it costs when the history begins."""

    product: NewProduct
    price: Decimal
    family: Family


def articles(chance: random.Random, *, count: int) -> list[Article]:
    """The first `count` articles of the assortment; equal for equal chance."""
    made: list[Article] = []
    serial = 0
    for round_ in range(len(SERIES)):
        for n, family in enumerate(FAMILIES):
            if len(made) == count:
                return made
            series = SERIES[(round_ * 7 + n * 3) % len(SERIES)]
            made.append(_article(family, series, serial, chance))
            serial += len(made[-1].product.variants)
    return made


def _article(family: Family, series: str, serial: int, chance: random.Random) -> Article:
    code = f"{family.code}-{series[:4].upper()}"
    combinations = _options(family, chance)
    nl_material, en_material = _MATERIALS[family.category]
    variants = [
        NewVariant(
            sku=f"{code}-{n:02d}" if len(combinations) > 1 else code,
            gtins=_gtins(serial + n, chance),
            options=options,
        )
        for n, options in enumerate(combinations, start=1)
    ]
    product = NewProduct(
        code=code,
        category=family.category,
        brand="Moswijk",
        vat_class=family.vat,
        texts={
            "nl": (f"{family.dutch} {series}", f"{family.dutch} uit de serie {series}, van {nl_material}."),
            "en": (f"{family.english} {series}", f"{family.english} of the {series} series, made of {en_material}."),
        },
        variants=variants,
    )
    whole = chance.randint(family.cheapest, family.dearest)
    return Article(product, Decimal(whole) - Decimal("0.05"), family)


def _options(family: Family, chance: random.Random) -> list[dict[str, str]]:
    sizes = _SIZES.get(family.differs, ())
    colours = sorted(chance.sample(_COLOURS, family.colours)) if family.colours else []
    return [
        ({"kleur": colour} if colour else {}) | ({"maat": size} if size else {})
        for colour in (colours or [""])
        for size in (sizes or ("",))
    ]


def _gtins(serial: int, chance: random.Random) -> list[str]:
    """A code of its own, and for one in twenty that of an earlier packaging too."""
    codes = [with_check_digit(f"{_COMPANY_PREFIX}{serial:09d}")]
    if chance.random() < 0.05:
        codes.append(with_check_digit(f"{_COMPANY_PREFIX}9{serial:08d}"))
    return codes
