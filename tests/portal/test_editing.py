"""Changing a fact in its place: checked, never over somebody else's change, undone in one press."""

import re

from apps.core.acting import Act, Source, acting
from apps.core.audit.models import Change
from apps.network.models import Location
from tests.portal.conftest import SWAP
from tests.portal.test_list_page import text_of

PAGE = "/locations/S001/"
EDIT = f"{PAGE}?part=edit&fact=ships_orders"


def ships(code: str = "S001") -> bool:
    return Location.objects.get(code=code).ships_orders


def test_who_may_sees_where_to_change_it(as_user, chain):
    assert 'aria-label="Change Ships orders"' in text_of(as_user(chain.head_office).get(PAGE))
    assert "Change Ships orders" not in text_of(as_user(chain.associate).get(PAGE))
    assert as_user(chain.associate).get(EDIT).status_code == 403
    assert as_user(chain.associate).post(EDIT, {"was": "False", "ships_orders": "on"}).status_code == 403
    assert as_user(chain.head_office).get(f"{PAGE}?part=edit&fact=code").status_code == 404
    assert as_user(chain.head_office).post(PAGE).status_code == 405


def test_a_fact_is_changed_in_its_place(as_user, chain):
    client = as_user(chain.head_office)
    form = client.get(EDIT, headers=SWAP).content.decode()
    assert '<input type="hidden" name="was" value="False">' in form
    assert "<!doctype html>" not in form
    answer = text_of(client.post(EDIT, {"was": "False", "ships_orders": "on"}, headers=SWAP))
    assert ships()
    assert answer.startswith("yes<a")
    assert "Ships orders is now: yes." in answer
    change = Change.objects.get()
    assert change.fields == {"ships_orders": [False, True]}
    assert (change.actor, change.source) == (f"user:{chain.head_office.pk}", "page")


def test_without_scripts_it_is_a_page(as_user, chain):
    client = as_user(chain.head_office)
    assert "<h1>Ships orders</h1>" in text_of(client.get(EDIT))
    response = client.post(EDIT, {"was": "False", "ships_orders": "on"}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "Ships orders is now: yes." in text_of(response)


def test_it_is_undone_in_one_press(as_user, chain):
    client = as_user(chain.head_office)
    for before in (False, True):  # undoing the undoing, too
        Location.objects.filter(code="S001").update(ships_orders=before)
        fields = {"was": str(before)} | ({} if before else {"ships_orders": "on"})
        page = client.post(EDIT, fields, follow=True).content.decode()
        assert ships() is not before
        flash = page[page.index('role="status"><span>Ships orders') :]
        form = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', flash, re.S)
        posted = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
        posted.pop("csrfmiddlewaretoken")
        client.post(form[1].replace("&amp;", "&"), posted)
        assert ships() is before


def test_nobody_writes_over_somebody_elses_change(as_user, chain):
    # given that a colleague came first
    client = as_user(chain.head_office)
    with acting(Act(Source.PAGE, lambda: chain.finance)):
        Location.objects.filter(code="S001").update(ships_orders=True)
    # when
    response = client.post(f"{PAGE}?part=edit&fact=ships_orders", {"was": "stale", "ships_orders": ""}, headers=SWAP)
    # then
    said = text_of(response)
    assert response.status_code == 409
    assert ships()
    assert re.search(r"Frits Kas changed this at \d\d:\d\d: yes\. You wrote: no\.", said)
    assert '<input type="hidden" name="was" value="True">' in said
    # and when they insist
    client.post(EDIT, {"was": "True"}, headers=SWAP)
    assert not ships()


def test_the_same_wish_twice_is_no_conflict_and_no_change(as_user, chain):
    client = as_user(chain.head_office)
    for _time in range(2):
        assert client.post(EDIT, {"was": "False", "ships_orders": "on"}, headers=SWAP).status_code == 200
    assert Change.objects.count() == 1
