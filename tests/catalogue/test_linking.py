"""An unknown bar code is linked to the product it stands on."""

import pytest

from apps.catalogue.gtins import InvalidGtin
from apps.catalogue.models import Gtin
from apps.catalogue.services.updating import link_gtin, unlink_gtin
from apps.core.audit.models import Change
from apps.core.errors import Conflict
from apps.core.events.models import Event
from tests.staff import browser, person

CODE = "8712345678906"
GTIN = "08712345678906"
LINK = f"/products/bar-codes/link/?gtin={CODE}"
SWAP = {"HX-Request": "true"}


@pytest.fixture
def head_office(shop):
    return browser(person("Mirjam Vos", "head_office"))


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("&amp;", "&").split())


def test_whoever_edits_the_catalogue_goes_from_the_scan_to_the_product_and_links(shop, head_office):
    # when an unknown bar code is scanned
    answer = text(head_office.post("/scan/", {"code": CODE}, headers=SWAP))
    assert f'href="{LINK}"' in answer
    # and the product is searched and chosen
    assert 'value="A"' in text(head_office.get(f"{LINK}&q=product a"))
    page = text(head_office.post(f"{LINK}&q=product a", {"variant": "A"}, follow=True))
    # then it is linked, and that is undone by one button
    assert "8712345678906 is a bar code of Product A now." in page
    assert 'action="/products/bar-codes/A/unlink/"' in page
    assert Gtin.objects.get(code=GTIN).variant == shop.variants["A"]
    assert "Product A" in text(head_office.post("/scan/", {"code": CODE}, headers=SWAP))
    head_office.post("/products/bar-codes/A/unlink/", {"gtin": CODE})
    assert not Gtin.objects.filter(code=GTIN).exists()


def test_who_linked_what_is_written_down(shop, head_office):
    head_office.post(f"{LINK}&q=A", {"variant": "A"})
    change = Change.objects.get(table="catalogue_gtin")
    assert (change.object_key, change.kind, change.fields["code"]) == ("P-A", "insert", [None, GTIN])
    assert change.actor.startswith("user:")
    assert Event.objects.filter(topic="product.changed", object_key="P-A").exists()


def test_others_read_what_to_do_next_and_cannot_link(shop):
    associate = browser(person("Bo Jansen", "store_associate", location=shop.s1))
    answer = text(associate.post("/scan/", {"code": CODE}, headers=SWAP))
    assert "/bar-codes/link/" not in answer
    assert "head office can add the bar code" in answer
    assert associate.get(LINK).status_code == 403


def test_a_bar_code_of_another_product_is_refused_with_its_name(shop, head_office):
    link_gtin(variant=shop.variants["B"], code=CODE)
    answer = head_office.post(f"{LINK}&q=A", {"variant": "A"})
    assert answer.status_code == 409
    assert "8712345678906 is the bar code of B already." in text(answer)
    assert Gtin.objects.get().variant == shop.variants["B"]


def test_linking_twice_is_linking_once_and_the_database_knows_no_second_owner(shop):
    link_gtin(variant=shop.variants["A"], code=CODE)
    assert link_gtin(variant=shop.variants["A"], code=CODE) == GTIN
    with pytest.raises(Conflict):
        link_gtin(variant=shop.variants["B"], code=CODE)
    unlink_gtin(variant=shop.variants["B"], code=CODE)
    assert Gtin.objects.count() == 1
    with pytest.raises(InvalidGtin):
        link_gtin(variant=shop.variants["A"], code="8712345678905")


@pytest.mark.parametrize(("code", "said"), [("", "Scan the bar code first"), ("123", "That is no bar code")])
def test_without_a_bar_code_there_is_nothing_to_link(shop, head_office, code, said):
    assert said in text(head_office.get(f"/products/bar-codes/link/?gtin={code}"))
    assert head_office.post(f"/products/bar-codes/link/?gtin={code}&q=A", {"variant": "A"}).status_code == 422


def test_a_product_that_the_search_did_not_find_cannot_be_chosen(shop, head_office):
    assert head_office.post(f"{LINK}&q=A", {"variant": "B"}).status_code == 422
    assert "Nothing matches" in text(head_office.get(f"{LINK}&q=zzzzzz"))


def test_the_search_box_leads_to_linking_too(shop, head_office):
    assert LINK in text(head_office.post("/search/", {"q": CODE}))


def test_a_scales_label_is_not_offered_for_linking(shop, head_office):
    assert "/bar-codes/link/" not in text(head_office.post("/scan/", {"code": "2112345006504"}, headers=SWAP))
