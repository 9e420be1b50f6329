import pytest

from apps.catalogue.services.maintaining import NewProduct, NewVariant, add_products
from apps.portal.registry import contributed
from apps.portal.searching import Group, find
from tests.shop import Shop
from tests.staff import person

OFFERED = {
    "PL": ("Plaid Vecht", "Throw Vecht"),
    "HD": ("Handdoek Zaan", "Towel Zaan"),
    "VA": ("Vaas Eem", "Vase Eem"),
    "CR": ("Crème kussen Lisse", "Cream cushion Lisse"),
}


@pytest.fixture
def office(shop: Shop):
    add_products(
        products=[
            NewProduct(code=code, texts={"nl": (nl, ""), "en": (en, "")}, variants=[NewVariant(f"{code}-1")])
            for code, (nl, en) in OFFERED.items()
        ]
    )
    return person("Mirjam Vos", "head_office")


def products(principal, text: str) -> list[Group]:
    return [group for group in find(contributed, principal, text).groups if group.source.kind == "product"]


def codes(principal, text: str) -> list[str]:
    return [str(hit.meta) for group in products(principal, text) for hit in group.hits]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("handdoek", "HD"),
        ("handoek", "HD"),
        ("hadndoek", "HD"),
        ("doek zaan", "HD"),
        ("zan handoek", "HD"),
        ("vass", "VA"),
        ("plid", "PL"),
        ("creme", "CR"),
        ("CRÈME KUSEN", "CR"),
        ("hd-", "HD"),
        ("cushion", "CR"),
    ],
)
def test_a_name_is_found_in_spite_of_slips_accents_and_language(office, typed, code):
    assert codes(office, typed) == [code]


def test_the_likeliest_name_comes_first(office):
    add_products(products=[NewProduct(code="KS", texts={"nl": ("Kussensloop", "")}, variants=[NewVariant("KS-1")])])
    assert codes(office, "kussen") == ["CR", "KS"]


def test_a_guess_is_not_counted_beyond_what_is_shown(office):
    add_products(
        products=[
            NewProduct(code=f"V{n}", texts={"nl": (f"Vaas {n}", "")}, variants=[NewVariant(f"V{n}")]) for n in range(9)
        ]
    )
    [known], [guessed] = products(office, "vaas"), products(office, "vaes")
    assert (len(known.hits), known.total, known.more_url) == (5, 10, "/products/?q=vaas")
    assert (len(guessed.hits), guessed.total, guessed.more_url) == (5, 5, "")


def test_who_may_not_see_products_finds_none(office):
    nobody = person("Niemand Nergens", "head_office")
    nobody.assignments.all().delete()
    assert codes(nobody, "handdoek") == []
