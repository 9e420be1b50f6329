"""Finding people by their words, one by one and many at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.privacy.words import Crowd, PersonWords

GAPS = st.sampled_from(["", " ", "-", ".", " (", ") ", "/", "\n"])
DIGITS = st.text("0123456789", min_size=6, max_size=13)
VALUES = st.one_of(
    DIGITS,
    DIGITS.map("+31{}".format),
    st.tuples(st.text("abciıßİK.-", min_size=1, max_size=9), st.sampled_from(["example.org", "x.nl"])).map("@".join),
    st.text("web-123 ", min_size=3, max_size=12),
)


@st.composite
def typed(draw: st.DrawFn, value: str) -> str:
    """A value as somebody may type it."""
    digits = value.removeprefix("+31")
    if digits.isdigit():
        start = draw(st.sampled_from(["+31", "0031", "0", "(0)", ""])) if digits != value else ""
        return start + "".join(digit + draw(GAPS) for digit in digits)
    return draw(
        st.sampled_from([value, value.upper(), value.lower(), value.replace("i", "İ"), value.replace("i", "ı")])
    )


@given(st.data())
def test_many_are_found_wherever_each_would_be(data: st.DataObject) -> None:
    # given
    people = {
        who: PersonWords(telling=set(values))
        for who, values in enumerate(data.draw(st.lists(st.lists(VALUES, max_size=4), max_size=5)))
    }
    values = [value for words in people.values() for value in words.telling]
    parts = st.one_of(st.text(max_size=9), st.sampled_from(values).flatmap(typed) if values else st.nothing())
    text = " ".join(data.draw(st.lists(parts, max_size=5)))

    # then
    assert Crowd(people).named_in(text) == {who for who, words in people.items() if words.names(text)}


@pytest.mark.parametrize("blank", ["   ", "- - -", "(...)", " / ", "+31 1", "ab - "])
def test_what_is_next_to_nothing_names_nobody(blank: str) -> None:
    # given: signs that every text has
    words, text = PersonWords(telling={blank}, other={"Jan"}), "Jan - - - (...)    / ab -  +31 1"

    # then
    assert (bool(words), words.names(text), words.erased_from(text)) == (False, False, text)
    assert Crowd({1: words}).named_in(text) == set()
    assert (
        PersonWords(telling={blank, "jan@x.nl"}).erased_from("to jan@x.nl, or by   post") == "to [erased], or by   post"
    )


@pytest.mark.parametrize("typed", ["DENİZ@EXAMPLE.ORG", "denız@example.org", "Deniz@Example.org"])
def test_an_i_is_an_i_with_or_without_its_dot(typed: str) -> None:
    words = PersonWords(telling={"deniz@example.org"})
    assert (words.names(typed), Crowd({1: words}).named_in(typed)) == (True, {1})


@pytest.mark.parametrize(
    ("proof", "left"),
    [
        ("webshop, T48101273642", "webshop, T48101273642"),
        ("store S001, 2026-11-23 12:30:00", "store S001, 2026-11-23 12:30:00"),
        ("Jan at the fair", "[erased] at the fair"),
        ("<jan+news@x.nl>; 192.0.2.17", "<[erased]>; [erased]"),
        ("from 2001:db8::8a2e:370:7334", "from [erased]"),
        ("version 1.2.3", "version 1.2.3"),
    ],
)
def test_a_proof_is_kept_without_whom_it_is_of(proof: str, left: str) -> None:
    assert PersonWords(telling={"jan@x.nl"}, other={"Jan"}).proof_without(proof) == left
    assert PersonWords().proof_without("webshop") == "webshop"
