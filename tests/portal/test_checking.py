"""What a view of a list says is understood: a mistake in it would show everything, and nobody would see."""

import pytest

from apps.inventory.views.listing import StockList
from apps.orders.views.listing import OrderList
from apps.portal.pages import Preset
from apps.portal.pages.checking import check_views, faults_of


def test_every_view_of_every_list_is_understood():
    assert check_views() == []


@pytest.mark.parametrize(
    ("page", "preset", "fault"),
    [
        (StockList, Preset("x", "X", {"amount": "fre"}), "the filter 'amount' does not understand 'fre'"),
        (StockList, Preset("x", "X", {"here": "yess"}), "the filter 'here' does not understand 'yess'"),
        (StockList, Preset("x", "X", {"colour": "red"}), "there is no filter 'colour'"),
        (StockList, Preset("x", "X", columns=["colour"]), "there is no column 'colour'"),
        (OrderList, Preset("x", "X", sort=["-colour"]), "there is no column 'colour'"),
    ],
)
def test_what_is_not_understood_is_an_error_at_the_start(page, preset, fault, monkeypatch):
    assert list(faults_of(page, preset)) == [fault]
    monkeypatch.setattr(page, "views", (preset,))
    [error] = check_views()
    assert (error.id, error.obj) == ("portal.E001", page)
    assert fault in error.msg


def test_what_is_understood_is_no_fault():
    assert list(faults_of(StockList, Preset("x", "X", {"amount": "free", "here": "false"}, columns=["sku"]))) == []
