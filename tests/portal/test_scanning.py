"""The scan box: who is asked, what is answered, and what is never said."""

import io

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.portal import scanning
from apps.portal.contributions import ScanAnswer, ScanMatch
from apps.portal.registry import Registry
from tests.portal.conftest import SWAP

MARK = "shell/_mark.html"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def registry(monkeypatch):
    """What apps contribute, for this test only."""
    fresh = Registry()
    monkeypatch.setattr(scanning, "contributed", fresh)
    return fresh


@pytest.fixture
def knows(registry):
    """Add a kind of code that `codes` are of; gives the list of what was opened."""
    opened = []

    def add(name, *codes, order=1, permission="scan.use", guess=False, about="", **answer):
        def open_it():
            opened.append(name)
            return ScanAnswer(**{"said": f"A {name}", "template": MARK} | answer)

        def match(scanned):
            if scanned.code not in codes:
                return None
            return ScanMatch(answer=open_it, about=about, only_a_guess=guess)

        registry.scan(name, name.title(), match, permission, icon="box", order=order)
        return opened

    return add


def test_the_handler_that_knows_a_code_answers(as_user, chain, registry):
    seen = []

    def shelf(scanned):
        seen.append((scanned.code, scanned.location, scanned.principal))
        return ScanMatch(answer=lambda: ScanAnswer(said="A shelf", template=MARK)) if scanned.code == "A-12-3" else None

    registry.scan("shelf", "Shelf", shelf, "scan.use", icon="box", order=1)
    registry.scan("money", "Money", lambda scanned: 1 / 0, "payments.view", icon="box", order=0)  # not for associates

    client = as_user(chain.associate)
    fragment = client.post("/scan/", {"code": " A-12-3\n"}, headers=SWAP)
    assert "A shelf" in text_of(fragment)
    assert b"<!doctype" not in fragment.content
    assert seen == [("A-12-3", chain.haarlem, chain.associate)]
    assert "Code B is not known here" in text_of(client.post("/scan/", {"code": "B"}, headers=SWAP))


def test_an_answer_may_be_a_page_of_its_own(as_user, chain, knows):
    knows("order", "T1", url="/locations/S001/")
    client = as_user(chain.associate)
    assert client.post("/scan/", {"code": "T1"})["Location"] == "/locations/S001/"
    assert client.post("/scan/", {"code": "T1"}, headers=SWAP)["HX-Redirect"] == "/locations/S001/"


def test_a_code_of_two_kinds_is_a_choice_that_opens_nothing(as_user, chain, knows):
    opened = knows("product", "2620", order=50, about="Cheese")
    knows("card", "2620", order=40, about="Opens the customer")
    client = as_user(chain.associate)
    # when
    page = text_of(client.post("/scan/", {"code": "2620"}, headers=SWAP))
    # then
    assert "This code can be 2 things" in page
    assert page.index('value="card"') < page.index('value="product"')  # in the order of the handlers, always
    assert "Cheese" in page
    assert opened == []
    # when
    page = text_of(client.post("/scan/", {"code": "2620", "kind": "product"}, headers=SWAP))
    # then
    assert "A product" in page
    assert opened == ["product"]


def test_a_kind_that_was_not_offered_cannot_be_chosen(as_user, chain, knows):
    opened = knows("money", "1", permission="payments.view")
    assert "not known here" in text_of(as_user(chain.associate).post("/scan/", {"code": "1", "kind": "money"}))
    assert opened == []


def test_a_guess_counts_only_when_nobody_knows_better(as_user, chain, knows):
    opened = knows("blank", "1", "2", guess=True, is_known=False)
    knows("product", "1")
    client = as_user(chain.associate)
    assert "A product" in text_of(client.post("/scan/", {"code": "1"}, headers=SWAP))
    assert 'data-outcome="unknown"' in text_of(client.post("/scan/", {"code": "2"}, headers=SWAP))
    assert opened == ["product", "blank"]


def test_the_same_thing_again_is_counted(as_user, chain, knows):
    knows("product", "1", "one", "2", same="P1")
    client = as_user(chain.associate)

    def scan(code, **before):
        return text_of(client.post("/scan/", {"code": code, **before}, headers=SWAP))

    first = scan("1")
    assert 'name="previous" value="P1" form="scan-form"' in first
    assert 'name="times" value="1" form="scan-form"' in first
    assert 'data-outcome="found"' in first
    again = scan("one", previous="P1", times="1")  # another code of the same product
    assert 'name="times" value="2"' in again
    assert "2×" in again
    assert 'data-outcome="again"' in again
    assert 'name="times" value="1"' in scan("1", previous="P2", times="7")
    assert 'name="times" value="999"' in scan("1", previous="P1", times="999")
    for nonsense in ("", "x", "-3", "²", "99999"):
        assert 'name="times" value="1"' in scan("1", previous="P1", times=nonsense)


def test_what_one_may_do_with_it_stands_below(as_user, chain, registry):
    template = "portal/_scan_acts.html"
    answer = ScanAnswer(said="It", template=template, subject="S", context={})
    registry.scan("product", "Product", lambda s: ScanMatch(answer=lambda: answer), "scan.use", icon="box", order=1)
    registry.scan_act(
        "product", "order", "Order it", lambda s, n: f"/o/{s}/{n}/", "scan.use", icon="shopping-bag", order=1
    )
    registry.scan_act("product", "pay", "Pay it", lambda s, n: "/pay/", "payments.view", icon="shopping-bag", order=2)
    registry.scan_act("product", "no", "Not this", lambda s, n: "", "scan.use", icon="shopping-bag", order=3)
    registry.scan_act("card", "no", "Another kind", lambda s, n: "/", "scan.use", icon="shopping-bag", order=3)
    page = text_of(as_user(chain.associate).post("/scan/", {"code": "1"}, headers=SWAP))
    assert 'href="/o/S/1/"' in page
    assert not {"Pay it", "Not this", "Another kind"} & set(page.split(">"))
    assert page.count("button large") == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("99<9", "Code 99&lt;9 is not known here"),
        ("9520012345674", "No product has this bar code"),
        ("9520012345675", "A digit was misread"),
        ("https://example.org/x", "This code names no product"),
    ],
)
def test_a_code_that_leads_nowhere_has_a_next_step(as_user, chain, knows, code, said):
    knows("product", "1")
    client = as_user(chain.associate)
    for headers in ({}, SWAP):
        page = text_of(client.post("/scan/", {"code": code}, headers=headers))
        assert said in page
        assert 'data-outcome="unknown"' in page
        assert 'href="/search/"' in page or f'name="q" value="{code.replace("<", "&lt;")}"' in page
        assert "<li>Product</li>" in page


def test_an_empty_scan_is_the_empty_page(as_user, chain, registry):
    page = text_of(as_user(chain.associate).post("/scan/", {"code": "  "}))
    assert "Product, loyalty card, order" in page
    assert '<div id="scanned"></div>' in page


def test_a_code_never_travels_in_an_address(as_user, chain, knows):
    knows("card", "26201")
    client = as_user(chain.associate)
    assert "A card" not in text_of(client.get("/scan/?code=26201"))
    knows("product", "26201")
    for code in ("26201", "26202"):  # a choice, and a code of nobody
        page = text_of(client.post("/scan/", {"code": code}, headers=SWAP))
        assert f"={code}" not in page
        assert f"/{code}" not in page


def test_scanning_is_for_those_who_handle_goods_or_their_codes(as_user, chain):
    assert as_user(chain.head_office).get("/scan/").status_code == 200
    assert as_user(chain.finance).get("/scan/").status_code == 403
    assert as_user(chain.finance).post("/scan/", {"code": "1"}).status_code == 403


def test_pages_may_use_the_camera_and_nothing_else(as_user, chain):
    policy = as_user(chain.associate).get("/scan/")["Permissions-Policy"]
    assert "camera=(self)" in policy.replace("camera=self", "camera=(self)")
    assert "microphone=()" in policy


def photo_of(*codes: str, kind: str = "JPEG", angle: int = 0) -> SimpleUploadedFile:
    """A photo with bar codes below each other, perhaps held askew."""
    picture = Image.new("L", (900, 420 * len(codes)), 255)
    for n, code in enumerate(codes):
        bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.EAN13)
        picture.paste(Image.fromarray(bars.to_image(scale=4)), (150, 60 + 420 * n))
    held = io.BytesIO()
    picture.rotate(angle, expand=True, fillcolor=255).save(held, kind)
    return SimpleUploadedFile("photo.jpg", held.getvalue(), "image/jpeg")


@pytest.mark.parametrize(("kind", "angle"), [("JPEG", 0), ("PNG", 90), ("WEBP", 8)])
def test_a_photo_is_read_by_the_server(as_user, chain, knows, kind, angle):
    knows("product", "9520012345674")
    photo = photo_of("9520012345674", kind=kind, angle=angle)
    assert "A product" in text_of(as_user(chain.associate).post("/scan/", {"photo": photo}, headers=SWAP))


def test_of_several_codes_in_a_photo_ours_counts(as_user, chain, knows):
    knows("product", "9520012345674")
    photo = photo_of("5901234123457", "9520012345674")
    assert "A product" in text_of(as_user(chain.associate).post("/scan/", {"photo": photo}))


def test_a_photo_without_a_code_says_what_to_do(as_user, chain, knows):
    empty = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(empty, "JPEG")
    for content in (empty.getvalue(), b"no picture", b"\xff\xd8\xff\xe0broken", b"GIF89a"):
        photo = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
        page = text_of(as_user(chain.associate).post("/scan/", {"photo": photo}, headers=SWAP))
        assert "No code found in the photo" in page
        assert 'data-outcome="unknown"' in page


def test_the_code_of_a_location_leads_to_it_within_reach(as_user, chain):
    answer = as_user(chain.head_office).post("/scan/", {"code": "s002"}, headers=SWAP)
    assert answer["HX-Redirect"] == "/locations/S002/"
    assert "not known here" in text_of(as_user(chain.associate).post("/scan/", {"code": "S002"}, headers=SWAP))
