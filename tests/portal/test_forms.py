"""What stands above a form in which something is wrong."""

import re
from decimal import Decimal

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import translation

from apps.portal.amounts import AmountField
from apps.portal.rendering import LONG, faults_in


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def form_of(fields: int, data: dict | None) -> forms.Form:
    """A form with so many fields that must be filled in; the last is a group of boxes."""
    members: dict = {f"f{n}": forms.CharField(label=f"Field <{n}>") for n in range(fields - 1)}
    members["boxes"] = forms.MultipleChoiceField(
        label="Boxes", choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )
    return type("SomeForm", (forms.Form,), members)(data)


def test_a_long_form_says_above_it_which_fields_are_wrong():
    form = form_of(LONG + 1, {"f0": "right"})
    page = str(form)
    summary = page[: page.index('class="field"')]
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', summary)
    assert links[0] == ("id_f1", "Field &lt;1&gt;")
    assert "4 things must be mended" in summary
    assert "autofocus" in summary
    assert 'tabindex="-1"' in summary
    assert 'role="alert"' in summary
    # each leads to something that can be filled in
    for target, _label in links:
        assert re.search(rf'<input[^>]* id="{target}"', page)
    assert links[-1] == ("id_boxes_0", "Boxes")
    # and is said beside the field as well
    assert page.count("This field is required.") == 2 * len(links)


@pytest.mark.parametrize("form", [form_of(LONG, {}), form_of(9, None)], ids=["short", "not sent"])
def test_a_short_form_and_one_nobody_sent_have_no_summary(form):
    assert faults_in(form) == []
    assert "form-errors" not in str(form)


def test_what_is_about_no_field_stands_in_the_same_place():
    form = form_of(LONG + 1, {"f0": "right"})
    form.add_error(None, "Not while it snows")
    page = str(form)
    assert page.count("form-errors") == page.count('id="form-errors"') + 1
    assert page.index("Not while it snows") < page.index('class="field"')


def test_a_template_of_its_own_can_have_the_summary():
    form = form_of(LONG + 1, {})
    assert "5 things must be mended" in render_to_string("shell/forms/_errors.html", {"form": form})


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12,50", "12.50"),
        ("12.50", "12.50"),
        ("12,5", "12.5"),
        ("1.250", "1250"),
        ("1,250.00", "1250.00"),
        ("1.250,00", "1250.00"),
        ("1.250.000,10", "1250000.10"),
        ("€ 7", "7"),
        (",99", "0.99"),
    ],
)
def test_an_amount_is_read_as_people_write_it(language, written, amount):
    with translation.override(language):
        assert AmountField().clean(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["", "1,2,3", "twelve", "12.345,678", "0,001", "NaN", "1e3"])
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(forms.ValidationError):
        AmountField(min_value=0).clean(written)


def test_an_error_of_the_form_as_a_whole_has_the_focus():
    html = render_to_string("shell/forms/_errors.html", {"form": None, "errors": ["Nothing was chosen."]})
    assert 'tabindex="-1" autofocus' in html
