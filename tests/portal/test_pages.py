from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from apps.network.models import Location, Ownership
from apps.portal.narrowing import narrow_choices
from apps.portal.pages import DetailPage, ListPage
from apps.portal.pages.objects import contributed
from tests.portal.conftest import SWAP
from tests.portal.pages_for_tests import RenameForm

pytestmark = pytest.mark.urls("tests.portal.pages_for_tests")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_page_that_names_no_permission_does_not_come_into_being():
    with pytest.raises(ImproperlyConfigured, match="which permission"):

        class Forgotten(ListPage):
            model = Location


def test_a_page_inherits_the_decision_of_the_page_it_extends():
    class Parent(DetailPage):
        permission = "network.view"
        model = Location

    class Child(Parent):
        title = "Child"

    assert Child.permission == "network.view"


def test_without_a_session_one_is_sent_to_sign_in_and_back(client, chain):
    response = client.get("/t/S001/?x=1")
    assert (response.status_code, response["Location"]) == (302, "/account/login/?next=/t/S001/%3Fx%3D1")


def test_a_swap_without_a_session_moves_the_whole_page(client, chain):
    response = client.get("/locations/?q=a", headers=SWAP | {"HX-Current-URL": "http://testserver/locations/?q=a"})
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/account/login/?next=/locations/%3Fq%3Da"
    assert response.content == b""


def test_a_swap_never_sends_anybody_to_another_site(client, chain):
    response = client.get("/locations/", headers=SWAP | {"HX-Current-URL": "https://evil.example/locations/"})
    assert response["HX-Redirect"] == "/account/login/?next=/"


def test_missing_permission_is_403_and_says_whose_it_is(as_user, chain):
    response = as_user(chain.associate).get("/t/S001/payments/")
    assert response.status_code == 403
    assert "other roles than yours: Head office, Finance." in text_of(response)


@pytest.mark.parametrize("code", ["S002", "S999"])
def test_out_of_reach_and_unknown_are_the_same_404(as_user, chain, code):
    response = as_user(chain.associate).get(f"/t/{code}/")
    assert response.status_code == 404
    assert "Leiden" not in text_of(response)


def test_a_detail_page_shows_facts_and_only_the_acts_that_are_allowed_and_possible(as_user, chain):
    page = text_of(as_user(chain.associate).get("/t/S001/"))
    assert '<dt>Postcode</dt><dd class="num"><a href="/somewhere/">2011 AA</a><small>since 2020</small></dd>' in page
    assert page.index(">Swap<") < page.index(">Rename<")  # the primary act comes last
    assert 'hx-get="/t/S001/swap/" hx-target="#dialog"' in page
    assert "Settle" not in page
    assert ">Close<" not in page


def test_an_act_shows_once_the_object_allows_it(as_user, chain):
    assert ">Close<" in text_of(as_user(chain.head_office).get("/t/DC-TI/"))


def test_an_act_that_is_not_possible_now_stands_there_with_the_reason_of_its_service(as_user, chain):
    client = as_user(chain.associate)
    page = text_of(client.get("/t/S001/"))
    act = page[page.index('<details class="not-now"') : page.index("</details>")]
    assert '<summary class="button" aria-disabled="true" aria-describedby="not-now-paint">Paint</summary>' in act
    assert '<p id="not-now-paint">It &lt;rains&gt; in Haarlem</p>' in act
    assert "/t/S001/paint/" not in page  # it leads nowhere
    assert "Gild" not in page  # whoever may not is not told why it is not possible
    # and the service says the same
    answer = client.post("/t/S001/paint/")
    assert answer.status_code == 409
    assert "It &lt;rains&gt; in Haarlem" in text_of(answer)
    # elsewhere it is possible
    page = text_of(as_user(chain.head_office).get("/t/S002/"))
    assert 'href="/t/S002/paint/"' in page
    assert "not-now" not in page


def test_panels_of_other_apps_load_from_their_own_address(as_user, chain, monkeypatch):
    # given a panel for everyone and one for finance only, on this page and on another
    panels = [
        SimpleNamespace(page="tests.location", name="near", permission="network.view", order=1),
        SimpleNamespace(page="tests.location", name="money", permission="payments.view", order=2),
        SimpleNamespace(page="tests.other", name="other", permission="network.view", order=3),
    ]
    for panel in panels:
        panel.title, panel.route, panel.side = panel.name.title(), "neighbours", False
    monkeypatch.setattr(contributed, "_panels", {panel.name: panel for panel in panels})

    # when
    page = text_of(as_user(chain.associate).get("/t/S001/"))

    # then it swaps itself in, and is a link where there are no scripts
    assert '<div hx-get="/t/S001/neighbours/" hx-trigger="load"' in page
    assert '<a href="/t/S001/neighbours/">Open Near</a>' in page
    assert "Money" not in page
    assert "Other" not in page


def test_a_panel_is_a_fragment_in_a_swap_and_a_page_by_itself(as_user, chain):
    client = as_user(chain.associate)
    fragment, page = client.get("/t/S001/neighbours/", headers=SWAP), client.get("/t/S001/neighbours/")
    assert fragment.content.startswith(b"<svg")
    assert b"<!doctype html>" in page.content
    assert b">Neighbours</h1>" in page.content
    assert client.get("/t/S002/neighbours/", headers=SWAP).status_code == 404
    assert "HX-Request" in fragment["Vary"]


# --- forms ------------------------------------------------------------------------------------------------------------


def test_a_form_calls_its_service_and_says_what_happened(as_user, chain):
    client = as_user(chain.head_office)
    response = client.post("/t/S001/rename/", {"name": "Haarlem Centrum"}, follow=True)
    chain.haarlem.refresh_from_db()
    assert chain.haarlem.name == "Haarlem Centrum"
    assert response.redirect_chain == [(reverse("network:location", kwargs={"code": "S001"}), 302)]
    assert "Now called Haarlem Centrum" in text_of(response)


def test_errors_stand_beside_their_field(as_user, chain):
    response = as_user(chain.head_office).post("/t/S001/rename/", {"name": ""})
    page = text_of(response)
    assert response.status_code == 422
    assert 'aria-invalid="true" aria-describedby="id_name_helptext id_name_error"' in page
    assert '<div class="help" id="id_name_helptext">As on the front of the store</div>' in page
    assert '<p class="error" id="id_name_error">This field is required.</p>' in page


def test_what_the_domain_refuses_stands_beside_the_field_it_names(as_user, chain):
    response = as_user(chain.head_office).post("/t/S001/rename/", {"name": "taken"})
    assert response.status_code == 409
    assert '<p class="error" id="id_name_error">This name is taken</p>' in text_of(response)
    chain.haarlem.refresh_from_db()
    assert chain.haarlem.name == "Haarlem"


def test_what_the_domain_refuses_as_a_whole_stands_above_the_form(as_user, chain):
    response = as_user(chain.head_office).post("/t/S001/rename/", {"name": "impossible"})
    assert response.status_code == 409
    assert 'role="alert"' in text_of(response)
    assert "<p>Not while it snows</p>" in text_of(response)


def test_a_form_about_a_row_out_of_reach_is_404_and_changes_nothing(as_user, chain):
    response = as_user(chain.associate).post("/t/S002/rename/", {"name": "Mine now"})
    assert response.status_code == 404
    chain.leiden.refresh_from_db()
    assert chain.leiden.name == "Leiden"


def test_drop_downs_hold_only_what_one_may_see(chain):
    form = RenameForm()
    narrow_choices(form, chain.franchise_owner)
    assert list(form.fields["owner"].queryset) == [chain.franchisee]


def test_a_drop_down_of_a_model_that_cannot_be_narrowed_is_refused(chain):
    form = RenameForm()
    form.fields["owner"].queryset = Ownership.objects.all()
    with pytest.raises(ImproperlyConfigured, match="visible_to"):
        narrow_choices(form, chain.head_office)


def test_a_choice_out_of_reach_is_no_valid_choice(as_user, chain):
    response = as_user(chain.franchise_owner).post("/t/S003/rename/", {"name": "x", "owner": chain.own.pk})
    assert response.status_code == 422
    assert "Select a valid choice" in text_of(response)


# --- acts -------------------------------------------------------------------------------------------------------------


def test_an_act_is_asked_as_a_page_and_as_a_dialog(as_user, chain):
    client = as_user(chain.associate)
    page, dialog = client.get("/t/S001/swap/"), client.get("/t/S001/swap/", headers=SWAP)
    assert "<h1>Swap Haarlem?</h1>" in text_of(page)
    assert '<h2 id="dialog-question">Swap Haarlem?</h2>' in text_of(dialog)
    assert b"<!doctype" not in dialog.content
    for response in (page, dialog):
        assert "Two names change" in text_of(response)
    assert '<form method="post" action="/t/S001/swap/">' in text_of(dialog)
    # and one that needs no reason has nothing where the reason would stand
    assert "None" not in text_of(page) + text_of(dialog)


def test_an_act_whose_result_is_out_of_reach_is_rolled_back(as_user, chain):
    # when somebody in Haarlem ends up with a row of Leiden
    response = as_user(chain.associate).post("/t/S001/swap/", {"with": "S002"})

    # then nothing happened
    assert response.status_code == 403
    chain.haarlem.refresh_from_db()
    assert chain.haarlem.name == "Haarlem"


def test_an_act_within_reach_is_carried_out(as_user, chain):
    response = as_user(chain.head_office).post("/t/S001/swap/", {"with": "S002"})
    assert (response.status_code, response["Location"]) == (302, "/locations/S001/")
    chain.haarlem.refresh_from_db()
    assert chain.haarlem.name == "swapped"


def test_a_refused_act_says_why_and_leads_back(as_user, chain):
    response = as_user(chain.head_office).post("/t/S001/swap/", {"with": "S002", "name": "impossible"})
    page = text_of(response)
    assert response.status_code == 409
    assert "Not while it snows" in page
    assert '<a class="button primary" href="/locations/S001/">Back to Haarlem</a>' in page


def test_a_post_without_its_token_is_refused_in_words(chain, as_user):
    client = as_user(chain.head_office)
    client.handler.enforce_csrf_checks = True
    response = client.post("/t/S001/rename/", {"name": "x"})
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)
